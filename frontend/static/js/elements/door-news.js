/**
 * What an element at `src` hears of who is at which door, by server-sent events (HTML, section 9.2): from when its page is
 * shown until it is left, or the session is over. Elements that show it are made of this one.
 */
export class DoorNews extends HTMLElement {
  /** @type {EventSource | null} */
  #source = null;

  connectedCallback() {
    addEventListener('pagehide', this.#stop);
    addEventListener('pageshow', this.#start);
    this.#start();
  }

  disconnectedCallback() {
    removeEventListener('pagehide', this.#stop);
    removeEventListener('pageshow', this.#start);
    this.#stop();
  }

  /** Who waits now. @param {any[]} _waiting */
  waiting(_waiting) {}

  /** Whether what was heard is still so; the browser asks again by itself. @param {boolean} _live */
  live(_live) {}

  #start = () => {
    if (this.#source) return;
    const source = new EventSource(this.getAttribute('src') ?? '');
    source.addEventListener('open', () => this.live(true));
    source.addEventListener('waiting', (event) => this.waiting(JSON.parse(event.data)));
    source.addEventListener('end', this.#stop);
    source.addEventListener('error', () => this.live(false));
    this.#source = source;
  };

  #stop = () => {
    this.#source?.close();
    this.#source = null;
    this.live(false);
  };
}
