/** Before one goes in: devices are asked for by a button, chosen and seen. Nothing is sent from here. */

/** @typedef {import('./media.js').Media} Media */
/** @typedef {import('./media.js').Device} Device */
/** @typedef {import('./media.js').Trouble} Trouble */
/** @typedef {import('./media.js').Choice} Choice */
/**
 * The page, as far as it shows the devices of this person.
 * @typedef {{before(step: 'asking' | 'ready'): void, asking(busy: boolean): void, troubles(troubles: Trouble[]): void,
 *   choices(device: Device, choices: Choice[], chosen: string | undefined): void, level(level: number): void,
 *   own(state: {microphone: boolean, camera: boolean}, camera: MediaStreamTrack | null, hasMicrophone: boolean): void,
 *   say(key: string): void}} Shown
 */

export class Preparation {
  #listening = false;
  /** How this person chose to go in, for coming back. @type {'both' | 'voice' | 'none'} */
  #way = 'both';

  /** @param {Media} media @param {Shown} view */
  constructor(media, view) {
    this.media = media;
    this.view = view;
  }

  /** @returns {Promise<void>} */
  openBoth() {
    this.#way = 'both';
    return this.#opening(() => this.media.openBoth());
  }

  /** @returns {Promise<void>} */
  openVoice() {
    this.#way = 'voice';
    this.media.closeCamera();
    return this.#opening(async () => [await this.media.openMicrophone()].filter((trouble) => trouble !== null));
  }

  /** Neither seen nor heard. */
  openNone() {
    this.#way = 'none';
    this.media.stop();
    this.view.troubles([]);
    void this.ready();
  }

  /** Back at the door: the same devices as the last time. */
  async openAgain() {
    this.view.before('asking');
    if (this.#way === 'both') await this.openBoth();
    else if (this.#way === 'voice') await this.openVoice();
    else this.openNone();
  }

  /** @param {Device} device @param {string} id */
  async choose(device, id) {
    const trouble = await this.media.choose(device, id);
    this.view.troubles(trouble === null ? [] : [trouble]);
    await this.shown();
  }

  /** The camera of this page, on or off, before or during the call. @returns {Promise<Trouble | null>} */
  async toggleCamera() {
    if (this.media.camera === null) return this.media.openCamera();
    this.media.closeCamera();
    return null;
  }

  /** @param {'plain' | 'veiled' | 'voice'} sent what goes out of this person, before or during the call @returns {Promise<Trouble | null>} */
  async send(sent) {
    if (sent === 'voice') {
      this.media.closeCamera();
      return null;
    }
    const trouble = this.media.veil(sent === 'veiled'); // first, so that a camera that opens now is covered at once
    if (trouble !== null || this.media.camera !== null) return trouble;
    return this.media.openCamera();
  }

  /** Muted or not; a microphone that is missing is asked for. @returns {Promise<Trouble | null>} */
  async toggleMicrophone() {
    if (this.media.microphone === null) return this.media.openMicrophone();
    this.media.mute(this.media.state.microphone);
    return null;
  }

  /** What this person has chosen is on the page. */
  async shown() {
    const { media, view } = this;
    view.own(media.state, media.picture.track, media.microphone !== null);
    const { microphone, camera } = await media.choices();
    view.choices('microphone', media.microphone ? microphone : [], media.microphone?.getSettings().deviceId);
    view.choices('camera', media.camera ? camera : [], media.camera?.getSettings().deviceId);
  }

  /** The way in stands open, once every choice is on the page: nothing may move under a finger. */
  async ready() {
    const { media, view } = this;
    await this.shown();
    view.before('ready');
    view.say(media.picture.track ? 'ready' : media.microphone ? 'ready-voice' : 'ready-listen');
    this.#listen();
  }

  /** From the start again: devices off, nothing chosen. */
  reset() {
    this.close();
    this.media.stop();
    this.view.troubles([]);
    this.view.own(this.media.state, null, false);
  }

  /** The level bar is for here alone. */
  close() {
    this.#listening = false;
    this.media.endMeter();
  }

  /** @param {() => Promise<Trouble[]>} open */
  async #opening(open) {
    this.view.asking(true);
    const troubles = await open();
    this.view.asking(false);
    this.view.troubles(troubles);
    if (this.media.camera !== null || this.media.microphone !== null) await this.ready();
    else this.view.before('asking');
  }

  #listen() {
    if (this.#listening) return;
    this.#listening = true;
    const draw = () => {
      if (!this.#listening) return;
      this.view.level(this.media.state.microphone ? this.media.level() : 0);
      requestAnimationFrame(draw);
    };
    draw();
  }
}
