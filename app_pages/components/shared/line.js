// One connection that stays open for saving: quicker than a request each time. It may fail at any moment and promises
// nothing; whoever hears nothing asks by request, under the same operation id.

const PATIENCE = 5000; // milliseconds without a reply
const AGAIN = 3000; // milliseconds between two attempts to open it

export class Line {
  /** `path` is below our own address. */
  constructor(path) {
    this.address = new URL(path, window.location.href.replace(/^http/, "ws")).href;
    this.waiting = new Map(); // number of a message -> what to do with its reply
    this.count = 0;
    this.#open();
  }

  #open() {
    this.tried = Date.now();
    const socket = new WebSocket(this.address);
    socket.addEventListener("message", ({ data }) => {
      const reply = JSON.parse(data);
      this.waiting.get(reply.id)?.(reply);
    });
    socket.addEventListener("close", () => this.socket === socket && this.drop());
    this.socket = socket;
  }

  /** Whether it can be used now; if it is gone, it is opened again for the next time. */
  get ready() {
    if (!this.socket && !this.closed && Date.now() - this.tried > AGAIN) this.#open();
    return navigator.onLine && this.socket?.readyState === WebSocket.OPEN;
  }

  /** Return the reply to a message, `{status, body}`, or null when there was none. */
  ask(message) {
    return new Promise((done) => {
      this.count += 1;
      const id = this.count;
      const end = (reply) => {
        clearTimeout(timer);
        this.waiting.delete(id);
        done(reply);
      };
      const timer = setTimeout(() => this.drop(), PATIENCE);
      this.waiting.set(id, end);
      this.socket.send(JSON.stringify({ id, ...message }));
    });
  }

  /** Give this connection up, as when somebody has signed in anew; nobody goes on waiting for a reply. */
  drop() {
    const { socket } = this;
    this.socket = null;
    socket?.close(1000);
    [...this.waiting.values()].forEach((end) => end(null));
  }

  close() {
    this.closed = true;
    this.drop();
  }
}
