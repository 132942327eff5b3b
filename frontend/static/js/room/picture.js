/**
 * What is sent as the picture of this person: the camera, the camera under a veil, the screen, or nothing. What a
 * preview shows is this very track.
 */
import { veiled } from './veil.js';

/** @typedef {import('./veil.js').Veiled} Veiled */

export class Picture {
  /** @type {MediaStreamTrack | null} */
  #camera = null;
  /** @type {Veiled | null} */
  #veil = null;
  /** @type {MediaStreamTrack | null} */
  #screen = null;

  /** @param {() => void} onVeilLost nothing is sent since the veil does not run @param {typeof veiled} [make] */
  constructor(onVeilLost, make = veiled) {
    this.onVeilLost = onVeilLost;
    this.make = make;
    /** Told of every change. */
    this.onChange = () => {};
    /** Whether the camera is sent under a veil or not at all. */
    this.isVeiled = false;
  }

  /** What is sent now. @returns {MediaStreamTrack | null} */
  get track() {
    return this.#screen ?? this.own;
  }

  /** This person as they are sent, or would be but for the screen. @returns {MediaStreamTrack | null} */
  get own() {
    return this.isVeiled ? (this.#veil?.track ?? null) : this.#camera;
  }

  get screen() {
    return this.#screen;
  }

  /** Another camera, or none. @param {MediaStreamTrack | null} camera @returns {boolean} false where the veil does not run */
  take(camera) {
    this.#unveil();
    this.#camera = camera;
    return this.#cover();
  }

  /** @param {boolean} on @returns {boolean} false where the veil does not run: then no picture is sent */
  veil(on) {
    this.isVeiled = on;
    this.#unveil();
    return this.#cover();
  }

  /** The screen instead of the camera; null ends it. @param {MediaStreamTrack | null} screen */
  show(screen) {
    if (this.#screen !== screen) this.#screen?.stop();
    this.#screen = screen;
    this.onChange();
  }

  /** @returns {boolean} */
  #cover() {
    const covered = !this.isVeiled || this.#camera === null || this.#made(this.#camera);
    this.onChange();
    return covered;
  }

  /** @param {MediaStreamTrack} camera @returns {boolean} */
  #made(camera) {
    try {
      const made = this.make(camera, () => {
        if (this.#veil !== made) return;
        this.#veil = null;
        this.onVeilLost();
      });
      this.#veil = made;
      return true;
    } catch {
      return false;
    }
  }

  #unveil() {
    const veil = this.#veil;
    this.#veil = null;
    veil?.stop();
  }
}
