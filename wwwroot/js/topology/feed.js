// The live feed: SignalR streams of a hub. A viewer is a cursor: it holds a version, applies one frame, acknowledges it, and only then gets the next.
// A dropped socket or a sleeping tab costs nothing: the streams are opened again from the versions in hand.

let library;

/** The browser build of SignalR is a classic script; it is loaded once, when first needed. */
function signalR() {
  library ??= new Promise((resolve, reject) => {
    if (window.signalR) return resolve(window.signalR);
    const script = document.createElement('script');
    script.src = new URL('../../lib/signalr/signalr.min.js', import.meta.url).href;
    script.onload = () => resolve(window.signalR);
    script.onerror = () => {
      library = undefined; // the server was away just then; the next try loads it again
      reject(new Error('signalr.min.js could not be loaded'));
    };
    document.head.append(script);
  });
  return library;
}

const pauses = [0, 500, 1000, 2000, 5000, 10000];

/**
 * @typedef {{ name: string, method: string, arguments: unknown[], show(frame: object): Promise<string | null>, mayEnd?: boolean }} Stream
 *   name: what the hub calls it in Ack; show: applies a frame and says what to acknowledge; mayEnd: its end is no loss (a run that is over)
 * @param {{ hub?: string, wanted(): Stream[], state(state: 'connecting' | 'live' | 'lost'): void, refused?(): void }} sink
 *   wanted: asked anew at every connection; refused: the hub does not let this viewer in (any more)
 * @returns {{ renew(): void, close(): void }}
 */
export function openStreams(sink) {
  let connection = null;
  let streams = [];
  let attempt = 0;
  let timer = 0;
  let closed = false;
  let streaming = false;

  start();
  document.addEventListener('visibilitychange', wake);

  async function start() {
    let made = null;
    try {
      const { HubConnectionBuilder, LogLevel } = await signalR();
      if (closed) return;
      sink.state('connecting');
      made = new HubConnectionBuilder().withUrl(sink.hub ?? '/hubs/live').configureLogging(LogLevel.None).build();
      connection = made;
      made.onclose(() => made === connection && again('lost'));
      await made.start();
    } catch (failure) {
      if (closed) return;
      // The library keeps the status code of a refused negotiation in its message only.
      if (sink.refused && /Status code '(401|403|404)'/.test(failure?.message)) return sink.refused();
      again('lost'); // the server is away or the login ran out; the page says so and keeps trying
      return;
    }
    if (closed) return void made.stop();
    attempt = 0;
    subscribe();
  }

  function again(state) {
    drop();
    if (closed) return;
    streaming = false;
    sink.state(state);
    clearTimeout(timer);
    const pause = pauses[Math.min(attempt++, pauses.length - 1)];
    timer = setTimeout(() => (connection?.state === 'Connected' ? subscribe() : start()), pause * (0.75 + Math.random() / 2));
  }

  function subscribe() {
    drop();
    if (connection?.state !== 'Connected') return;
    for (const stream of sink.wanted()) {
      streaming = true;
      streams.push(connection.stream(stream.method, ...stream.arguments).subscribe({
        next: frame => take(stream, frame),
        complete: stream.mayEnd ? () => {} : ended,
        error: ended,
      }));
    }
  }

  // Acknowledged when it is on screen. An acknowledgement that gets lost ends the stream, and ended() opens it again.
  async function take(stream, frame) {
    const version = await stream.show(frame);
    attempt = 0;
    sink.state('live');
    if (version && connection?.state === 'Connected') connection.send('Ack', stream.name, version).catch(() => {});
  }

  // The server closes a stream whose viewer does not acknowledge: a hidden tab draws nothing, so it waits until it is seen.
  function ended() {
    if (closed) return;
    streaming = false;
    if (document.hidden) sink.state('lost');
    else again('lost');
  }

  function wake() {
    if (!document.hidden && !closed && !streaming) {
      attempt = 0;
      again('connecting');
    }
  }

  function drop() {
    const old = streams;
    streams = [];
    old.forEach(s => s.dispose());
  }

  return {
    renew: subscribe,
    close() {
      closed = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', wake);
      drop();
      connection?.stop();
    },
  };
}

/**
 * The two streams of a graph: its cluster and, where there is one, the run on it.
 * @param {{ hub?: string, topology(frame): Promise<string | null>, run(frame): Promise<string | null>, state(state: 'connecting' | 'live' | 'lost'): void, versions(): { topology: string | null, run: number } }} sink
 * @returns {{ watch(cluster: string, run: string | null): void, close(): void }}
 */
export function openFeed(sink) {
  let wanted = { cluster: null, run: null };
  const streams = openStreams({
    hub: sink.hub,
    state: sink.state,
    wanted() {
      const { cluster, run } = wanted;
      if (!cluster) return [];
      const held = sink.versions();
      const list = [{ name: cluster, method: 'WatchTopology', arguments: [cluster, held.topology], show: sink.topology }];
      if (run) list.push({ name: run, method: 'WatchRun', arguments: [run, held.run], show: sink.run, mayEnd: true });
      return list;
    },
  });
  return {
    watch(cluster, run) {
      if (wanted.cluster === cluster && wanted.run === run) return;
      wanted = { cluster, run };
      streams.renew();
    },
    close: streams.close,
  };
}
