/** Those in the room beside this person: who is here, who speaks apart, and whose link carries on unseen. */
import { Missing } from './missing.js';
import { browserClock } from './signaling.js';

/** @typedef {import('./call.js').Call} Call */
/** @typedef {import('./door.js').Door} Door */
/** @typedef {import('./protocol.js').Apart} Apart */
/** @typedef {import('./protocol.js').Participant} Participant */
/** @typedef {import('./view.js').View} View */
/** Those inside, as one seat sees them. @typedef {{participants: Participant[], apart: Apart[]}} Around */
/** @typedef {{view: View, door: Door | null, call: () => Call | null,
 *   exchange: {here: (people: Participant[]) => void}}} OthersParts */

export class Others {
  /** @type {Map<string, Participant>} */
  #here = new Map();
  /** @type {Apart[]} */
  #apart = [];
  /** Seats that have not said yet whether they send sound and picture. @type {Set<string>} */
  #unheard = new Set();
  /** Seats that the server does not know yet while their link carries on. */
  #missing = new Missing(browserClock, (seat) => this.went(seat));

  /** @param {OthersParts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** Whether the link to this seat goes on although the server does not know it. @param {string} seat */
  isMissing(seat) {
    return this.#missing.has(seat);
  }

  /** The seats of therapists. @returns {string[]} */
  get hosts() {
    return [...this.#here.values()].filter(({ role }) => role === 'host').map(({ seat }) => seat);
  }

  /** @param {string} seat @returns {string | undefined} */
  nameOf(seat) {
    return this.#here.get(seat)?.name;
  }

  /** After coming in, or coming back: this is so. @param {Around} around */
  found({ participants, apart }) {
    for (const seat of this.#gone(participants)) {
      if (this.parts.call()?.carries(seat) && !apart.some((other) => other.seat === seat)) this.#missing.wait(seat);
      else this.went(seat);
    }
    for (const participant of participants) this.came(participant);
    this.#separate(apart);
  }

  /** A therapist has changed who hears whom. @param {string} own @param {Around} around */
  regrouped(own, { participants, apart }) {
    for (const seat of this.#gone(participants)) this.#drop(seat);
    for (const participant of participants) {
      const isNew = !this.#here.has(participant.seat);
      this.#show(participant);
      if (isNew && own < participant.seat) this.parts.call()?.joined(participant.seat);
    }
    this.#separate(apart);
  }

  /** Somebody comes in now. @param {Participant} participant */
  joined(participant) {
    this.#unheard.add(participant.seat);
    this.came(participant);
    this.#hearing();
  }

  /** @param {Participant} participant */
  came(participant) {
    const known = this.#here.has(participant.seat);
    this.#show(participant);
    if (!known) this.parts.view.say('came', participant.name);
  }

  /** @param {string} seat */
  went(seat) {
    const name = this.#here.get(seat)?.name;
    this.#drop(seat);
    this.#hearing();
    if (name !== undefined) this.parts.view.say('went', name);
  }

  /** @param {{seat: string, microphone: boolean, camera: boolean}} message */
  media({ seat, microphone, camera }) {
    const other = this.#here.get(seat);
    if (!other) return;
    const { view } = this.parts;
    view.tiles.media(seat, microphone, camera);
    this.#here.set(seat, { ...other, microphone, camera });
    if (this.#unheard.delete(seat)) return; // the first one only says how they came in
    if (other.microphone !== microphone) view.say(microphone ? 'other-unmuted' : 'other-muted', other.name);
    if (other.camera !== camera) view.say(camera ? 'other-camera-on' : 'other-camera-off', other.name);
  }

  clear() {
    this.#here.clear();
    this.#missing.clear();
    this.#separate([]);
    this.parts.view.tiles.clear();
  }

  /** @param {Participant[]} participants @returns {string[]} */
  #gone(participants) {
    return [...this.#here.keys()].filter((seat) => !participants.some((each) => each.seat === seat));
  }

  /** @param {Participant} participant */
  #show({ seat, name, role, microphone, camera }) {
    this.#missing.stop(seat);
    const participant = { seat, name, role, microphone, camera };
    const known = this.#here.get(seat); // a server that starts anew knows nothing of their devices until they say it again
    this.#here.set(seat, known ? { ...participant, microphone: known.microphone, camera: known.camera } : participant);
    this.parts.view.came(participant);
    this.parts.door?.came(participant);
  }

  /** @param {string} seat */
  #drop(seat) {
    this.#missing.stop(seat);
    this.#here.delete(seat);
    this.parts.call()?.left(seat);
    this.parts.view.went(seat);
    this.parts.door?.went(seat);
  }

  /** @param {Apart[]} apart */
  #separate(apart) {
    this.#apart = apart;
    this.parts.door?.separate(apart);
    this.#hearing();
  }

  #hearing() {
    this.parts.exchange.here([...this.#here.values()]);
    this.parts.view.hearing([...this.#here.values()].map(({ name }) => name), this.#apart.map(({ name }) => name));
  }
}
