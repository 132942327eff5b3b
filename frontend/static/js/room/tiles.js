/** The others' pictures, one tile for each seat. Part of the view: it touches the page. */

/** @typedef {import('./protocol.js').Participant} Participant */
/** @typedef {import('./link.js').LinkState} LinkState */
/** @typedef {{onFrame: () => void, onSoundRefused: () => void}} TileEvents */

export class Tiles {
  /** @type {Map<string, HTMLElement>} */
  #tiles = new Map();
  #speaker = '';
  /** Whether this browser lets one choose where the sound comes out; phones choose it themselves. */
  static canChooseSpeaker = 'setSinkId' in HTMLMediaElement.prototype;

  /** @param {HTMLElement} place @param {HTMLTemplateElement} template @param {TileEvents} events */
  constructor(place, template, events) {
    this.place = place;
    this.template = template;
    this.events = events;
  }

  get count() {
    return this.#tiles.size;
  }

  /** @param {Participant} participant */
  show(participant) {
    const tile = this.#tiles.get(participant.seat) ?? this.#add(participant.seat);
    for (const place of tile.querySelectorAll('[data-name]')) place.textContent = participant.name;
    part(tile, '.room-initial').textContent = [...participant.name.trim()][0]?.toUpperCase() ?? '';
    part(tile, 'video').setAttribute('aria-label', participant.name);
    this.media(participant.seat, participant.microphone, participant.camera);
  }

  /** @param {string} seat @param {boolean} microphone @param {boolean} camera */
  media(seat, microphone, camera) {
    const tile = this.#tiles.get(seat);
    if (tile === undefined) return;
    tile.dataset.microphone = microphone ? 'on' : 'off';
    tile.dataset.camera = camera ? 'on' : 'off';
  }

  /** @param {string} seat @param {LinkState} state @returns {string | undefined} what it was before */
  link(seat, state) {
    const tile = this.#tiles.get(seat);
    const was = tile?.dataset.link;
    if (tile !== undefined) tile.dataset.link = state;
    return was;
  }

  /** Where the others' sound comes out (W3C Audio Output Devices). @param {string} id */
  async speaker(id) {
    this.#speaker = id;
    await Promise.all([...this.#tiles.values()].map((tile) => this.#sink(videoOf(tile))));
  }

  /** @param {string} seat @param {MediaStream} stream */
  stream(seat, stream) {
    const tile = this.#tiles.get(seat);
    if (tile === undefined) return;
    const video = videoOf(tile);
    if (video.srcObject === stream) return;
    video.srcObject = stream;
    video.requestVideoFrameCallback(() => {
      tile.dataset.frame = 'shown';
      this.events.onFrame();
    });
    void this.#play(video);
  }

  /** After a click the browser lets sound play. */
  async playAll() {
    for (const tile of this.#tiles.values()) {
      const video = videoOf(tile);
      video.muted = false;
      await this.#play(video);
    }
  }

  /** @param {string} seat */
  remove(seat) {
    const tile = this.#tiles.get(seat);
    if (tile === undefined) return;
    videoOf(tile).srcObject = null;
    tile.remove();
    this.#tiles.delete(seat);
    this.place.dataset.count = String(this.count);
  }

  clear() {
    for (const seat of [...this.#tiles.keys()]) this.remove(seat);
  }

  /** @param {string} seat @returns {HTMLElement} */
  #add(seat) {
    const tile = cloneOf(this.template);
    tile.dataset.seat = seat;
    this.#tiles.set(seat, tile);
    if (this.#speaker !== '') void this.#sink(videoOf(tile));
    this.place.append(tile);
    this.place.dataset.count = String(this.count);
    return tile;
  }

  /** @param {HTMLVideoElement} video */
  async #sink(video) {
    await video.setSinkId(this.#speaker).catch(() => {}); // unplugged meanwhile: the sound goes on where it was
  }

  /** The picture may always play; sound may need a click first (webkit.org/blog/6784; `playsinline` is from there too). @param {HTMLVideoElement} video */
  async #play(video) {
    try {
      await video.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return; // replaced or removed meanwhile
      video.muted = true;
      this.events.onSoundRefused();
      await video.play().catch(() => {});
    }
  }
}

/**
 * The first element of a template, as a copy.
 * @param {HTMLTemplateElement} template @returns {HTMLElement}
 */
export function cloneOf(template) {
  const first = template.content.firstElementChild;
  if (first === null) throw new Error('the template is empty');
  return /** @type {HTMLElement} */ (first.cloneNode(true));
}

/**
 * An element of the page that must be there.
 * @param {ParentNode} root @param {string} selector @returns {HTMLElement}
 */
export function part(root, selector) {
  const found = root.querySelector(selector);
  if (!(found instanceof Element)) throw new Error(`the page has no ${selector}`);
  return /** @type {HTMLElement} */ (found);
}

/** @param {HTMLElement} tile @returns {HTMLVideoElement} */
function videoOf(tile) {
  return /** @type {HTMLVideoElement} */ (part(tile, 'video'));
}
