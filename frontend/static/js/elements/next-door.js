/**
 * <next-door src="…"> tells a therapist in a room that somebody is at the door of a later one, by server-sent events (HTML,
 * section 9.2). Without a name: whoever is in this room may see the screen. Inside: [data-somebody], [data-at].
 */

class NextDoor extends HTMLElement {
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

  #start = () => {
    if (this.#source) return;
    const source = new EventSource(this.getAttribute('src') ?? '');
    source.addEventListener('waiting', (event) => this.#show(JSON.parse(event.data)));
    source.addEventListener('end', this.#stop);
    source.addEventListener('error', () => this.#show([])); // it may be so no more; the browser asks again by itself
    this.#source = source;
  };

  #stop = () => {
    this.#source?.close();
    this.#source = null;
    this.#show([]);
  };

  /** @param {{at: string}[]} waiting */
  #show(waiting) {
    const at = this.querySelector('[data-at]');
    if (at) at.textContent = waiting.map((each) => each.at).join(' and ');
    this.querySelector('[data-somebody]')?.toggleAttribute('hidden', waiting.length === 0);
  }
}

customElements.define('next-door', NextDoor);
