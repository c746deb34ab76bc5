// The live feed: SignalR streams of /hubs/live. A viewer is a cursor: it holds a version, applies one frame, acknowledges it, and only then gets the next.
// A dropped socket or a sleeping tab costs nothing: the stream is opened again from the version in hand.

let library;

/** The browser build of SignalR is a classic script; it is loaded once, when first needed. */
function signalR() {
  library ??= new Promise((resolve, reject) => {
    if (window.signalR) return resolve(window.signalR);
    const script = document.createElement('script');
    script.src = new URL('../../lib/signalr/signalr.min.js', import.meta.url).href;
    script.onload = () => resolve(window.signalR);
    script.onerror = () => reject(new Error('signalr.min.js could not be loaded'));
    document.head.append(script);
  });
  return library;
}

const pauses = [0, 500, 1000, 2000, 5000, 10000];

/**
 * @param {{ topology(frame): Promise<string | null>, run(frame): Promise<string | null>, state(state: 'connecting' | 'live' | 'lost'): void, versions(): { topology: string | null, run: number } }} sink
 * @returns {{ watch(cluster: string, run: string | null): void, close(): void }}
 */
export function openFeed(sink) {
  let connection = null;
  let wanted = { cluster: null, run: null };
  let streams = [];
  let attempt = 0;
  let timer = 0;
  let closed = false;
  let streaming = false;

  start();
  document.addEventListener('visibilitychange', wake);

  async function start() {
    const { HubConnectionBuilder, LogLevel } = await signalR();
    if (closed) return;
    sink.state('connecting');
    connection = new HubConnectionBuilder().withUrl('/hubs/live').configureLogging(LogLevel.None).build();
    connection.onclose(() => again('lost'));
    try {
      await connection.start();
    } catch {
      again('lost'); // the server is away or the login ran out; the page says so and keeps trying
      return;
    }
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
    if (connection?.state !== 'Connected' || !wanted.cluster) return;
    const { cluster, run } = wanted;
    const held = sink.versions();
    streaming = true;
    streams.push(connection.stream('WatchTopology', cluster, held.topology).subscribe({
      next: frame => take(cluster, frame, sink.topology),
      complete: ended,
      error: ended,
    }));
    if (run) {
      streams.push(connection.stream('WatchRun', run, held.run).subscribe({ next: frame => take(run, frame, sink.run), complete() {}, error: ended }));
    }
  }

  // Acknowledged when it is on screen. An acknowledgement that gets lost ends the stream, and ended() opens it again.
  async function take(stream, frame, show) {
    const version = await show(frame);
    attempt = 0;
    sink.state('live');
    if (version && connection?.state === 'Connected') connection.send('Ack', stream, version).catch(() => {});
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
    watch(cluster, run) {
      if (wanted.cluster === cluster && wanted.run === run) return;
      wanted = { cluster, run };
      subscribe();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', wake);
      drop();
      connection?.stop();
    },
  };
}
