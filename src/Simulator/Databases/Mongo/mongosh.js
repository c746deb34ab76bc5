// What a script finds when mongosh runs it, as far as the simulation goes: db, rs, sh, print, the BSON classes, EJSON.
// Shapes and wording follow mongosh (packages shell-api, cli-repl, shell-bson); the simulated server answers behind __send.
(function (global, __send, __print, __quit, __wait, __now) {
  'use strict';

  class Long {
    constructor(value) {
      const n = BigInt.asIntN(64, BigInt(typeof value === 'number' ? Math.trunc(value) : value ?? 0));
      this.low = Number(BigInt.asIntN(32, n));
      this.high = Number(BigInt.asIntN(32, n >> 32n));
      this.unsigned = false;
    }
    static fromNumber(n) { return new Long(n); }
    static fromString(s) { return new Long(s); }
    toBigInt() { return (BigInt(this.high) << 32n) | BigInt.asUintN(32, BigInt(this.low)); }
    toNumber() { return Number(this.toBigInt()); }
    toInt() { return this.low; }
    toString() { return this.toBigInt().toString(); }
    compare(other) { const a = this.toBigInt(), b = new Long(other?.toString() ?? other).toBigInt(); return a < b ? -1 : a > b ? 1 : 0; }
    equals(other) { return this.compare(other) === 0; }
  }
  class Timestamp {
    constructor(value, second) {
      const of = typeof value === 'object' ? value : { t: value, i: second ?? 0 };
      Object.defineProperty(this, 't', { value: of.t, enumerable: false });
      Object.defineProperty(this, 'i', { value: of.i, enumerable: false });
    }
    getHighBits() { return this.t; }
    getHighBitsUnsigned() { return this.t; }
    getLowBits() { return this.i; }
    getLowBitsUnsigned() { return this.i; }
    toString() { return ((BigInt(this.t) << 32n) | BigInt(this.i)).toString(); }
    toJSON() { return { $timestamp: this.toString() }; }
    compare(other) { return this.t - other.t || this.i - other.i; }
  }
  class ObjectId {
    constructor(hex) { Object.defineProperty(this, '_hex', { value: hex ?? '0'.repeat(24), enumerable: false }); }
    toHexString() { return this._hex; }
    toString() { return this._hex; }
    toJSON() { return this._hex; }
    equals(other) { return String(other) === this._hex; }
  }
  class Binary {
    constructor(base64) { Object.defineProperty(this, '_base64', { value: base64, enumerable: false }); this.sub_type = 0; }
    toString() { return this._base64; }
    toJSON() { return this._base64; }
  }
  class MongoServerError extends Error {
    constructor(reply) {
      super(reply.errmsg);
      this.name = 'MongoServerError';
      this.errorResponse = reply;
      Object.assign(this, { ok: reply.ok, code: reply.code, codeName: reply.codeName });
    }
  }
  class MongoshInvalidInputError extends Error {
    constructor(message, code) { super(`[${code}] ${message}`); this.name = 'MongoshInvalidInputError'; this.code = code; }
  }

  const RealDate = Date;
  class ShellDate extends RealDate {
    constructor(...given) { if (given.length) super(...given); else super(__now()); }
    static now() { return __now(); }
  }
  Object.defineProperty(ShellDate, 'name', { value: 'Date' });

  function revive(key, value) {
    if (value === null || typeof value !== 'object') return value;
    if ('$date' in value) return new ShellDate(value.$date);
    if ('$long' in value) return new Long(value.$long);
    if ('$ts' in value) return new Timestamp({ t: value.$ts[0], i: value.$ts[1] });
    if ('$oid' in value) return new ObjectId(value.$oid);
    if ('$binary' in value) return new Binary(value.$binary);
    return value;
  }
  function plain(value) {
    if (value instanceof Long) return value.toNumber();
    if (value instanceof RealDate) return { $date: value.getTime() };
    if (value instanceof Timestamp) return { $ts: [value.t, value.i] };
    if (value instanceof ObjectId) return { $oid: value.toHexString() };
    if (Array.isArray(value)) return value.map(plain);
    if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
    return value;
  }
  function send(db, command) {
    if (command === null || typeof command !== 'object') throw new MongoshInvalidInputError('Argument at position 0 must be of type string or object', 'COMMON-10001');
    const reply = JSON.parse(__send(db, JSON.stringify(plain(command))), revive);
    if (reply.ok !== 1) throw new MongoServerError(reply);
    return reply;
  }

  class Cursor {
    constructor(load) { this._load = load; this._limit = Infinity; this._at = 0; }
    _all() { return (this._docs ??= this._load()).slice(0, this._limit); }
    limit(n) { this._limit = n; return this; }
    toArray() { return this._all().slice(this._at); }
    hasNext() { return this._at < this._all().length; }
    next() { return this.hasNext() ? this._all()[this._at++] : null; }
    forEach(action) { this.toArray().forEach(action); }
    map(action) { return this.toArray().map(action); }
  }
  class Collection {
    constructor(db, name) { this._db = db; this._name = name; }
    getName() { return this._name; }
    getFullName() { return `${this._db._name}.${this._name}`; }
    find(filter = {}) { return new Cursor(() => send(this._db._name, { find: this._name, filter }).cursor.firstBatch); }
    findOne(filter = {}) { return this.find(filter).limit(1).next(); }
    countDocuments(filter = {}) { return this.find(filter).toArray().length; }
  }
  const databases = new Map();
  class Database {
    constructor(name) { this._name = name; }
    getName() { return this._name; }
    getMongo() { return mongo; }
    getSiblingDB(name) { return database(name); }
    getCollection(name) { return new Collection(this, name); }
    runCommand(command, options = {}) { return send(this._name, { ...(typeof command === 'string' ? { [command]: 1 } : command), ...options }); }
    adminCommand(command, options = {}) { return database('admin').runCommand(command, options); }
    hello() { return this.runCommand({ hello: 1 }); }
    isMaster() { return this.runCommand({ isMaster: 1 }); }
    version() { return this.adminCommand({ buildInfo: 1 }).version; }
    serverBuildInfo() { return this.adminCommand({ buildInfo: 1 }); }
    serverStatus(options = {}) { return this.adminCommand({ serverStatus: 1, ...options }); }
    auth() { return { ok: 1 }; }
  }
  function database(name) {
    if (!databases.has(name)) {
      // Any other name is a collection, as in mongosh.
      databases.set(name, new Proxy(new Database(name), {
        get: (target, key) => typeof key === 'symbol' || key in target || key.startsWith('_') ? target[key] : new Collection(target, key),
      }));
    }
    return databases.get(name);
  }
  const mongo = {
    getDB: database,
    setReadPref() {}, setSecondaryOk() {}, setReadConcern() {}, setWriteConcern() {},
    getReadPrefMode() { return 'primary'; },
  };
  const admin = command => database('admin').runCommand(command);

  function check(given, types, method) {
    types.forEach((type, at) => {
      if (given[at] !== undefined && typeof given[at] !== type)
        throw new MongoshInvalidInputError(`Argument at position ${at} must be of type ${type}, got ${typeof given[at]} instead (${method})`, 'COMMON-10001');
    });
  }
  const rs = {
    status() { return admin({ replSetGetStatus: 1 }); },
    conf() { return admin({ replSetGetConfig: 1 }).config; },
    config() { return rs.conf(); },
    hello() { return admin({ hello: 1 }); },
    isMaster() { return admin({ isMaster: 1 }); },
    stepDown(seconds, catchUp) {
      check([seconds, catchUp], ['number', 'number'], 'ReplicaSet.stepDown');
      const command = { replSetStepDown: seconds === undefined ? 60 : seconds };
      if (catchUp !== undefined) command.secondaryCatchUpPeriodSecs = catchUp;
      return admin(command);
    },
    freeze(seconds) { check([seconds], ['number'], 'ReplicaSet.freeze'); return admin({ replSetFreeze: seconds }); },
    reconfig(config, options = {}) {
      const present = rs.conf();
      return admin({ replSetReconfig: { ...config, version: present.version + 1, protocolVersion: present.protocolVersion }, ...options });
    },
  };
  function config() {
    if (database('admin').hello().msg !== 'isdbgrid')
      __print('MongoshWarning: [SHAPI-10003] You are not connected to a mongos. This command may not work as expected.\n');
    return database('config');
  }
  const sh = {
    getBalancerState() { const doc = config().getCollection('settings').findOne({ _id: 'balancer' }); return doc === null ? true : !doc.stopped; },
    isBalancerRunning() { config(); return admin({ balancerStatus: 1 }); },
    startBalancer(timeout = 60000) { check([timeout], ['number'], 'Shard.startBalancer'); return admin({ balancerStart: 1, maxTimeMS: timeout }); },
    stopBalancer(timeout = 60000) { check([timeout], ['number'], 'Shard.stopBalancer'); return admin({ balancerStop: 1, maxTimeMS: timeout }); },
    setBalancerState(on) { check([on], ['boolean'], 'Shard.setBalancerState'); return on ? sh.startBalancer() : sh.stopBalancer(); },
  };

  // util.inspect of Node.js with mongosh's settings. Long arrays of short values are not set in columns.
  function inspect(value, { compact = 3, depth = Infinity } = {}) {
    let deepest = 0;
    const quote = s => { const q = !s.includes("'") ? "'" : !s.includes('"') ? '"' : !s.includes('`') ? '`' : "'"; return q + s.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(q === "'" ? /'/g : /(?!)/g, "\\'") + q; };
    const name = k => /^[a-zA-Z_][a-zA-Z_0-9]*$/.test(k) ? k : quote(k);
    function show(v, level, indent) {
      if (typeof v === 'string') return quote(v);
      if (typeof v === 'bigint') return `${v}n`;
      if (typeof v === 'function') return v.name ? `[Function: ${v.name}]` : '[Function (anonymous)]';
      if (v === null || typeof v !== 'object') return Object.is(v, -0) ? '-0' : String(v);
      if (v instanceof RealDate) return isNaN(v.valueOf()) ? 'Invalid Date' : `ISODate('${v.toISOString()}')`;
      if (v instanceof Long) return `Long('${v}')`;
      if (v instanceof Timestamp) return `Timestamp({ t: ${v.t}, i: ${v.i} })`;
      if (v instanceof ObjectId) return `ObjectId('${v}')`;
      if (v instanceof Binary) return `Binary.createFromBase64('${v}', 0)`;
      if (v instanceof Error) return `${v.name}: ${v.message}`;
      if (v instanceof Cursor) return show(v.toArray(), level, indent);
      if (v instanceof Collection) return v.getFullName();
      if (v instanceof Database) return v._name;
      const list = Array.isArray(v);
      if (level > depth) return list ? '[Array]' : '[Object]';
      deepest = level;
      const parts = list ? v.map(x => show(x, level + 1, indent + 2)) : Object.keys(v).map(k => `${name(k)}: ${show(v[k], level + 1, indent + 2)}`);
      const [open, close] = list ? ['[', ']'] : ['{', '}'];
      if (parts.length === 0) return open + close;
      if (compact && deepest - level < compact) {
        const start = parts.length + indent + open.length + 10;
        const total = parts.reduce((sum, p) => sum + p.length, parts.length + start);
        if (total <= 80 && !parts.some(p => p.includes('\n'))) return `${open} ${parts.join(', ')} ${close}`;
      }
      const pad = '\n' + ' '.repeat(indent);
      return `${open}${pad}  ${parts.join(`,${pad}  `)}${pad}${close}`;
    }
    return typeof value === 'string' ? value : value === undefined ? '' : show(value, 0, 0);
  }

  function extended(value, relaxed) {
    const is = v => v !== null && typeof v === 'object';
    if (value instanceof RealDate) {
      const iso = value.getMilliseconds() !== 0 ? value.toISOString() : value.toISOString().slice(0, -5) + 'Z';
      return relaxed ? { $date: iso } : { $date: { $numberLong: String(value.getTime()) } };
    }
    if (value instanceof Long) return relaxed ? value.toNumber() : { $numberLong: value.toString() };
    if (value instanceof Timestamp) return { $timestamp: { t: value.t, i: value.i } };
    if (value instanceof ObjectId) return { $oid: value.toHexString() };
    if (value instanceof Binary) return { $binary: { base64: value.toString(), subType: '00' } };
    if (typeof value === 'bigint') return relaxed ? Number(value) : { $numberLong: String(value) };
    if (typeof value === 'number' && !relaxed) return Number.isInteger(value) ? (Math.abs(value) < 2147483648 ? { $numberInt: String(value) } : { $numberLong: String(value) }) : { $numberDouble: String(value) };
    if (value instanceof Error) return { ...Object.fromEntries(Object.entries(value).map(([k, v]) => [k, extended(v, relaxed)])), message: value.message, name: value.name };
    if (value instanceof Cursor) return extended(value.toArray(), relaxed);
    if (Array.isArray(value)) return value.map(v => extended(v, relaxed));
    if (is(value)) return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined && typeof v !== 'function').map(([k, v]) => [k, extended(v, relaxed)]));
    return value;
  }
  const EJSON = {
    stringify(value, replacer, space, options) {
      if (is(space)) { options = space; space = 0; }
      if (is(replacer) && !Array.isArray(replacer)) { options = replacer; replacer = undefined; space = 0; }
      return JSON.stringify(extended(value, options?.relaxed ?? true), replacer, space);
    },
    serialize(value, options) { return extended(value, options?.relaxed ?? false); },
    parse(text) { return EJSON.deserialize(JSON.parse(text)); },
    deserialize(value) {
      return JSON.parse(JSON.stringify(value), (key, v) => {
        if (!is(v)) return v;
        if ('$date' in v) return new ShellDate(is(v.$date) ? Number(v.$date.$numberLong) : v.$date);
        if ('$numberLong' in v) return Number(v.$numberLong);
        if ('$numberInt' in v) return Number(v.$numberInt);
        if ('$numberDouble' in v) return Number(v.$numberDouble);
        if ('$timestamp' in v) return new Timestamp(v.$timestamp);
        if ('$oid' in v) return new ObjectId(v.$oid);
        return v;
      });
    },
  };
  function is(v) { return v !== null && typeof v === 'object'; }

  const callable = (type) => new Proxy(type, { apply: (target, self, given) => new target(...given) });
  const say = (values, options) => { __print(values.map(v => inspect(v, options)).join(' ') + '\n'); };
  Object.assign(global, {
    db: database('test'), rs, sh, EJSON,
    Long: callable(Long), NumberLong: callable(Long), NumberInt: n => Math.trunc(Number(n)), Timestamp: callable(Timestamp), ObjectId: callable(ObjectId),
    ISODate: text => text === undefined ? new ShellDate() : new ShellDate(text), Date: ShellDate,
    MongoServerError,
    print: (...values) => say(values, { depth: 6 }),
    printjson: (...values) => say(values, { compact: false }),
    console: { log: (...values) => say(values, { depth: 6 }) },
    quit: code => __quit(code ?? 0), exit: code => __quit(code ?? 0),
    sleep: ms => { __wait(ms); },
    version: () => '2.3.8',
    process: { env: {}, exit: code => __quit(code ?? 0) },
  });
  return {
    shown: value => inspect(value),
    json: (value, relaxed) => JSON.stringify(extended(value, relaxed), undefined, 2),
    error: e => JSON.stringify(e instanceof Error ? { name: String(e.name), codeName: e.codeName ?? null, message: String(e.message) } : { name: null, codeName: null, message: inspect(e) }),
  };
})
