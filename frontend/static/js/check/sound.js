/** What this person hears: a soft tone, and the own voice two seconds later. */

const LATER_SECONDS = 2;
const TONE = { hertz: 440, seconds: 0.6, loudness: 0.2 };

export class Sound {
  /** @type {AudioContext | null} */
  #context = null;
  #element = new Audio();
  #speaker = '';

  /** Whether this browser lets one choose where the sound comes out. */
  static canChoose = 'setSinkId' in AudioContext.prototype;

  /** @param {string} id */
  async choose(id) {
    this.#speaker = id;
    await this.#sink();
  }

  /** A tone that comes and goes softly. It is begun by a click: phones play nothing otherwise. */
  async tone() {
    const context = this.#opened();
    await this.#sink();
    const [source, gain] = [context.createOscillator(), context.createGain()];
    const now = context.currentTime;
    source.frequency.value = TONE.hertz;
    gain.gain.setValueAtTime(0, now);
    gain.gain.linearRampToValueAtTime(TONE.loudness, now + TONE.seconds / 3);
    gain.gain.linearRampToValueAtTime(0, now + TONE.seconds);
    source.connect(gain).connect(context.destination);
    source.start(now);
    source.stop(now + TONE.seconds);
  }

  /** Play what comes back, late enough not to talk over oneself. @param {MediaStream} stream */
  async play(stream) {
    const context = this.#opened();
    await this.#sink();
    // Chromium feeds a remote stream to Web Audio only while an element plays it, too (crbug.com/121673).
    this.#element.muted = true;
    this.#element.srcObject = stream;
    await this.#element.play();
    const later = context.createDelay(LATER_SECONDS);
    later.delayTime.value = LATER_SECONDS;
    context.createMediaStreamSource(stream).connect(later).connect(context.destination);
  }

  stop() {
    this.#element.srcObject = null;
    void this.#context?.close();
    this.#context = null;
  }

  #opened() {
    this.#context ??= new AudioContext();
    void this.#context.resume();
    return this.#context;
  }

  async #sink() {
    const context = /** @type {(AudioContext & {setSinkId?: (id: string) => Promise<void>}) | null} */ (this.#context);
    await context?.setSinkId?.(this.#speaker);
  }
}
