/**
 * The devices of this person: one microphone, one camera, how loud it is, and why one cannot be had.
 * Nothing here sends anything.
 */

import { causeOf, someAllowed } from './causes.js';
import { Meter } from './meter.js';
import { Picture } from './picture.js';

/** @typedef {'camera' | 'microphone'} Device */
/** @typedef {import('./causes.js').Cause} Cause */
/** @typedef {{device: Device | 'devices', cause: Cause}} Trouble */
/** @typedef {{id: string, label: string}} Choice */
/** What getUserMedia and enumerateDevices are taken from. @typedef {Pick<MediaDevices, 'getUserMedia' | 'enumerateDevices'>} Source */

/** @type {MediaTrackConstraints} */
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
/** @type {MediaTrackConstraints} */
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export class Media {
  /** @type {MediaStreamTrack | null} */
  #microphone = null;
  /** @type {MediaStreamTrack | null} */
  #camera = null;
  /** @type {{[device in Device]: string | null}} */
  #chosen = { microphone: null, camera: null };
  /** The side of a phone whose camera is wanted. @type {'user' | 'environment' | null} */
  #side = null;
  /** Each stop makes devices that are still being opened stale. */
  #generation = 0;
  /** @type {Meter | null} */
  #meter = null;

  /**
   * @param {Source | undefined} source undefined where the page is not a secure context
   * @param {{onLost: (device: Device, cause: Cause) => void, onHeld?: (device: Device, held: boolean) => void}} events a
   *   device was unplugged or taken away, or its veil tore; something else has it for a while
   */
  constructor(source, events) {
    this.source = source;
    this.events = events;
    /** Devices that were taken away, and whether they were muted then. @type {Map<Device, boolean>} */
    this.lost = new Map();
    /** What is sent of the camera, or in its place. */
    this.picture = new Picture(() => this.#veilLost());
  }

  get microphone() {
    return this.#microphone;
  }

  get camera() {
    return this.#camera;
  }

  /** What is heard and seen of this person now. */
  get state() {
    return { microphone: this.#microphone?.enabled ?? false, camera: this.picture.track !== null };
  }

  /** @returns {{audio: MediaStreamTrack | null, video: MediaStreamTrack | null}} */
  get tracks() {
    return { audio: this.#microphone, video: this.picture.track };
  }

  /**
   * Open both, asking once; where that fails, one after the other, so that each has its own reason.
   * @returns {Promise<Trouble[]>} empty when both are open
   */
  async openBoth() {
    const generation = this.#generation;
    const first = await this.#open(generation, { audio: this.#sound(), video: this.#wanted() });
    if (first === null) return [];
    if (first === 'unsupported') return [{ device: 'devices', cause: first }];
    if (first === 'refused' && !(await someAllowed())) return [{ device: 'devices', cause: first }];
    const [microphone, camera] = [await this.openMicrophone(), await this.openCamera()];
    if (microphone && camera && microphone.cause === camera.cause) return [{ device: 'devices', cause: camera.cause }];
    return [microphone, camera].filter((trouble) => trouble !== null);
  }

  /** @returns {Promise<Trouble | null>} */
  async openMicrophone() {
    const cause = await this.#open(this.#generation, { audio: this.#sound(), video: false });
    return cause === null ? null : { device: 'microphone', cause };
  }

  /** @returns {Promise<Trouble | null>} */
  async openCamera() {
    const cause = await this.#open(this.#generation, { audio: false, video: this.#wanted() });
    return cause === null ? null : { device: 'camera', cause };
  }

  /** The camera under a veil from now on, or plain. @param {boolean} on @returns {Trouble | null} */
  veil(on) {
    if (this.picture.veil(on)) return null;
    this.closeCamera();
    return { device: 'camera', cause: 'veil' };
  }

  /** Take another device from now on. @param {Device} device @param {string} id @returns {Promise<Trouble | null>} */
  async choose(device, id) {
    this.#chosen[device] = id;
    if (device === 'camera') {
      this.#side = null;
      this.closeCamera(); // phones cannot have two cameras open
      return this.openCamera();
    }
    return this.#reopenMicrophone();
  }

  /** Whether there is more than one camera, as on a phone. */
  async canFlip() {
    return this.#camera !== null && (await this.choices()).camera.length > 1;
  }

  /** Whether the camera looks away from the person: then its picture is no mirror. */
  get looksAway() {
    return this.#camera?.getSettings().facingMode === 'environment';
  }

  /**
   * The other camera. The microphone goes on and is not asked for again: Safari on iOS mutes what a page has opened before
   * (WebKit bug 179363). A phone lists each lens as a camera, so its other side is asked for (W3C Media Capture, VideoFacingModeEnum).
   * @returns {Promise<Trouble | null>}
   */
  async flip() {
    if (this.#camera?.getSettings().facingMode && (await this.#turn())) return null;
    const { camera } = await this.choices();
    const at = camera.findIndex(({ id }) => id === this.#camera?.getSettings().deviceId);
    const next = camera[(at + 1) % camera.length];
    return next ? this.choose('camera', next.id) : null;
  }

  /** @returns {Promise<boolean>} whether the other side has a camera */
  async #turn() {
    const [chosen, away] = [this.#chosen.camera, this.looksAway];
    this.closeCamera();
    [this.#chosen.camera, this.#side] = [null, away ? 'user' : 'environment'];
    if ((await this.openCamera()) === null) return true;
    [this.#chosen.camera, this.#side] = [chosen, null];
    await this.openCamera();
    return false;
  }

  /**
   * What was taken away while this page was out of sight, as by a phone call, is opened again. Safari on iOS mutes
   * or ends the tracks then, and a muted one may stay so (WebKit bug 213853; w3c/mediacapture-main issue 837).
   * @returns {Promise<Trouble[]>}
   */
  async takeBack() {
    const troubles = [];
    if (this.lost.has('microphone') || this.#microphone?.muted) troubles.push(await this.#reopenMicrophone());
    if (this.lost.has('camera') || this.#camera?.muted) troubles.push(await this.openCamera());
    return troubles.filter((trouble) => trouble !== null);
  }

  /** Muted as it was. @returns {Promise<Trouble | null>} */
  async #reopenMicrophone() {
    const muted = this.#microphone ? !this.#microphone.enabled : (this.lost.get('microphone') ?? false);
    const trouble = await this.openMicrophone();
    if (trouble === null) this.mute(muted);
    return trouble;
  }

  /** @param {boolean} muted */
  mute(muted) {
    if (this.#microphone) this.#microphone.enabled = !muted;
  }

  /** The camera's light goes out. */
  closeCamera() {
    this.lost.delete('camera');
    this.picture.take(null);
    this.#camera?.stop();
    this.#camera = null;
  }

  #veilLost() {
    this.closeCamera();
    this.events.onLost('camera', 'veil');
  }

  /** Nothing is heard or seen any more, nor by a device that is just being opened. */
  stop() {
    this.#generation += 1;
    this.lost.clear();
    this.picture.show(null);
    this.closeCamera();
    this.#microphone?.stop();
    this.#microphone = null;
    this.endMeter();
  }

  /** Devices to choose from; names are known only once one was allowed. @returns {Promise<{[device in Device | 'speaker']: Choice[]}>} */
  async choices() {
    const all = (await this.source?.enumerateDevices()) ?? [];
    /** @param {MediaDeviceKind} kind */
    const named = (kind) =>
      all.filter((one) => one.kind === kind && one.label).map(({ deviceId, label }) => ({ id: deviceId, label }));
    return { microphone: named('audioinput'), camera: named('videoinput'), speaker: named('audiooutput') };
  }

  /** How loud the microphone is, 0 to 1. Starts listening at the first call. @returns {number} */
  level() {
    if (this.#microphone === null) return 0;
    if (this.#meter?.track !== this.#microphone) {
      this.endMeter();
      this.#meter = new Meter(this.#microphone);
    }
    return this.#meter.level();
  }

  endMeter() {
    this.#meter?.close();
    this.#meter = null;
  }

  /** @param {number} generation @param {MediaStreamConstraints} constraints @returns {Promise<Cause | null>} */
  async #open(generation, constraints) {
    let stream;
    try {
      if (this.source === undefined) return 'unsupported';
      stream = await this.source.getUserMedia(constraints);
    } catch (error) {
      return causeOf(error);
    }
    for (const track of stream.getTracks()) {
      if (generation === this.#generation) this.#keep(track);
      else track.stop();
    }
    return this.#camera !== null && this.picture.own === null ? this.#bare() : null;
  }

  /** A camera that no veil covers is closed again. @returns {Cause} */
  #bare() {
    this.closeCamera();
    return 'veil';
  }

  /** @param {MediaStreamTrack} track */
  #keep(track) {
    const device = track.kind === 'audio' ? 'microphone' : 'camera';
    this.lost.delete(device);
    if (device === 'microphone') {
      this.#microphone?.stop();
      this.#microphone = track;
    } else {
      this.picture.take(track);
      this.#camera?.stop();
      this.#camera = track;
    }
    track.onended = () => {
      if (track !== this.#microphone && track !== this.#camera) return;
      if (device === 'microphone') this.#microphone = null;
      else this.closeCamera();
      this.lost.set(device, !track.enabled);
      this.events.onLost(device, 'lost');
    };
    track.onmute = () => this.events.onHeld?.(device, true);
    track.onunmute = () => this.events.onHeld?.(device, false);
  }

  /** @returns {MediaTrackConstraints} */
  #sound() {
    return { ...SOUND, ...exactly(this.#chosen.microphone) };
  }

  /** @returns {MediaTrackConstraints} */
  #wanted() {
    return { ...PICTURE, ...exactly(this.#chosen.camera), ...(this.#side && { facingMode: { exact: this.#side } }) };
  }
}

/** @param {string | null} id @returns {MediaTrackConstraints} */
function exactly(id) {
  return id ? { deviceId: { exact: id } } : {};
}
