// Photos that were taken and not yet sent, kept in this browser until the server has them.

const NAME = "zhunsheng-photos", STORE = "photos";

function opened() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

export class Album {
  constructor(account) {
    this.account = account;
    this.memory = new Map(); // where the browser keeps nothing
    this.durable = true;
  }

  async #work(mode, work) {
    this.base ??= await opened();
    return new Promise((done, failed) => {
      const transaction = this.base.transaction(STORE, mode, mode === "readwrite" ? { durability: "strict" } : undefined);
      const asked = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(asked.result);
      transaction.onabort = () => failed(transaction.error);
    });
  }

  /** Every photo of this person that waits, the oldest first. */
  async all() {
    const found = [...this.memory.values()];
    try {
      found.push(...(await this.#work("readonly", (store) => store.getAll())));
    } catch {
      this.durable = false;
    }
    return found.filter((one) => one.account === this.account).sort((one, other) => one.at - other.at);
  }

  /** Keep a photo; when this returns, it outlives the page. */
  async put(photo) {
    try {
      await this.#work("readwrite", (store) => store.put(photo));
      this.memory.delete(photo.id);
    } catch {
      this.durable = false;
      this.memory.set(photo.id, photo);
    }
  }

  async drop(id) {
    this.memory.delete(id);
    try {
      await this.#work("readwrite", (store) => store.delete(id));
    } catch {
      this.durable = false;
    }
  }
}
