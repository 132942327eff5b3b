/** From the click on the door to the last word: the socket, the links, and who is in the room. */
import { Call, browserConnection } from './call.js';
import { Missing } from './missing.js';
import { Signaling, browserClock } from './signaling.js';

/** @typedef {import('./link.js').Link} Link */
/** @typedef {import('./link.js').LinkState} LinkState */
/** @typedef {import('./channels.js').ChannelName} ChannelName */
/** @typedef {import('./channels.js').Frame} Frame */
/** @typedef {import('./protocol.js').Incoming} Incoming */
/** @typedef {import('./protocol.js').Ice} Ice */
/** @typedef {import('./protocol.js').Participant} Participant */
/** @typedef {import('./protocol.js').Welcome} Welcome */
/** @typedef {import('./signaling.js').Reason} Reason */
/** @typedef {import('./door.js').Door} Door */
/** @typedef {import('./media.js').Media} Media */
/** @typedef {import('./view.js').View} View */
/**
 * Who hears what comes on a data channel; null is a frame over the bound.
 * @typedef {{[name in ChannelName]?: (seat: string, frame: Frame | null, link: Link) => void}} Hearers
 */
/**
 * @typedef {{view: View, door: Door | null, media: Media, certificate: Promise<RTCCertificate>, onConnected: () => void,
 *   askTicket: () => Promise<string>, openSocket: () => WebSocket, onOver: (reason: Reason) => void,
 *   hearers: Hearers}} MeetingParts
 */

const KNOCK_LATER = new Set(['locked', 'room_full', 'knock_too_soon']);
const SAID_BY_THE_CLOSE_CODE = new Set([
  'already_inside', 'ended', 'join_timeout', 'removed', 'seat_taken_over', 'slow_reader', 'ticket_refused',
]);

export class Meeting {
  /** @type {Call | null} */
  #call = null;
  #seat = '';
  /** The therapist said "not now": knocking again is for the person to decide. */
  #refused = false;
  #over = false;
  /** @type {Map<string, Participant>} */
  #others = new Map();
  /** Seats that have not said yet whether they send sound and picture. @type {Set<string>} */
  #unheard = new Set();
  /** Seats that the server does not know yet while their link carries on. */
  #missing = new Missing(browserClock, (seat) => this.#went(seat));
  /** Messages come one by one, also where the first must wait for the certificate. */
  #turn = Promise.resolve();

  /** @param {MeetingParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.signaling = new Signaling({
      askTicket: parts.askTicket,
      openSocket: parts.openSocket,
      clock: browserClock,
      onMessage: (message) => this.#received(message),
      onAway: () => this.#away(),
      onClosed: (reason) => this.#finish(reason),
    });
  }

  get inside() {
    return this.#call !== null;
  }

  enter() {
    this.parts.view.waiting('connecting');
    this.signaling.connect();
  }

  /** On a data channel, to one seat. @param {string} seat @param {ChannelName} name @param {Frame} frame @returns {boolean} */
  say(seat, name, frame) {
    return this.#call?.say(seat, name, frame) ?? false;
  }

  knock() {
    this.#refused = false;
    this.parts.view.trouble(null);
    this.signaling.send({ type: 'knock' });
  }

  /** Camera or microphone changed: the others are told, and get the new tracks. */
  async mediaChanged() {
    const { media } = this.parts;
    await this.#call?.replaceTracks(media.tracks);
    this.#tellMedia();
  }

  networkChanged() {
    this.signaling.hurry();
    this.#call?.restart();
  }

  leave() {
    this.signaling.leave();
    this.#finish('left');
  }

  /** Go away from the door without a word on the page. */
  abandon() {
    this.#over = true;
    this.signaling.leave();
    this.#closeCall();
  }

  end() {
    if (!this.signaling.send({ type: 'end' })) this.parts.view.trouble('away');
  }

  /** @param {Incoming} message */
  #received(message) {
    this.#turn = this.#turn.then(() => (this.#over ? undefined : this.#act(message))).catch(reportError);
  }

  /** @param {Incoming} message @returns {Promise<void> | void} */
  #act(message) {
    const { view } = this.parts;
    switch (message.type) {
      case 'welcome':
        return this.#welcomed(message);
      case 'admitted':
        return this.#inside(message.ice, message.participants);
      case 'waiting':
        view.hostIs(message.host);
        return view.waiting('knocked');
      case 'refused':
        this.#refused = true;
        view.refusal(message.text);
        return undefined;
      case 'knocking':
      case 'gone':
      case 'locked':
        return this.#atTheDoor(message);
      case 'joined':
        this.#unheard.add(message.seat);
        this.#came(message);
        return this.#call?.joined(message.seat);
      case 'left':
        return this.#went(message.seat);
      case 'media':
        return this.#othersMedia(message);
      case 'offer':
      case 'answer':
      case 'candidates':
        return this.#call?.receive(message);
      case 'ended':
        return this.#finish('ended');
      case 'removed':
        return this.#finish('removed');
      case 'error':
        return this.#erred(message.code);
    }
  }

  /** @param {Welcome} welcome */
  async #welcomed(welcome) {
    const { view, door } = this.parts;
    this.#seat = welcome.seat;
    view.trouble(null);
    door?.clear();
    door?.locked(welcome.room.locked);
    for (const waiting of welcome.waiting) this.#atTheDoor({ type: 'knocking', ...waiting });
    if (welcome.state === 'inside' && welcome.ice) return this.#inside(welcome.ice, welcome.participants);
    // Only somebody who was let in holds links: whoever is outside again shows and hears nothing more.
    this.#closeCall();
    if (!this.#refused) this.knock();
    return undefined;
  }

  /** @param {Ice} ice @param {Participant[]} participants */
  async #inside(ice, participants) {
    const { view, media, certificate } = this.parts;
    const cameBack = this.#call !== null;
    const present = participants.map(({ seat }) => seat);
    if (this.#call === null) this.#call = this.#newCall(ice, await certificate);
    else this.#call.resumed(ice, present);
    if (this.#over) return this.#closeCall();
    for (const seat of [...this.#others.keys()]) {
      if (present.includes(seat)) continue;
      if (this.#call.carries(seat)) this.#missing.wait(seat);
      else this.#went(seat);
    }
    for (const participant of participants) this.#came(participant);
    view.call();
    view.say(cameBack ? 'back' : 'inside');
    view.own(media.state, media.camera, media.microphone !== null);
    this.#tellMedia();
    return undefined;
  }

  /** @param {Ice} ice @param {RTCCertificate} certificate */
  #newCall(ice, certificate) {
    const { view, media } = this.parts;
    return new Call({
      own: this.#seat,
      ice,
      certificate,
      tracks: media.tracks,
      send: (message) => this.signaling.send(message),
      connect: browserConnection,
      onStream: (seat, stream) => view.tiles.stream(seat, stream),
      onState: (seat, state) => this.#linkIs(seat, state),
      onFrame: (seat, name, frame, link) => this.parts.hearers[name]?.(seat, frame, link),
      onFault: reportError,
    });
  }

  /** @param {Extract<Incoming, {type: 'knocking' | 'gone' | 'locked'}>} message */
  #atTheDoor(message) {
    const { door, view } = this.parts;
    if (message.type === 'locked') {
      door?.locked(message.locked);
      if (door) view.say(message.locked ? 'locked' : 'unlocked');
    } else if (message.type === 'knocking') {
      door?.knocks(message);
      view.say('knocks', message.name);
    } else {
      door?.gone(message.seat);
    }
  }

  /** @param {string} seat @param {LinkState} state */
  #linkIs(seat, state) {
    if (state === 'connected') this.parts.onConnected();
    if (this.#missing.has(seat) && state !== 'connected') this.#went(seat);
    else this.parts.view.tiles.link(seat, state === 'gone' ? 'unsteady' : state);
  }

  /** @param {Participant} participant */
  #came({ seat, name, role, microphone, camera }) {
    const known = this.#others.has(seat);
    this.#missing.stop(seat);
    const participant = { seat, name, role, microphone, camera };
    this.#others.set(seat, participant);
    this.parts.view.came(participant);
    this.parts.door?.came(participant);
    if (!known) this.parts.view.say('came', name);
  }

  /** @param {string} seat */
  #went(seat) {
    this.#missing.stop(seat);
    const other = this.#others.get(seat);
    this.#others.delete(seat);
    this.#call?.left(seat);
    this.parts.view.went(seat);
    this.parts.door?.went(seat);
    if (other) this.parts.view.say('went', other.name);
  }

  /** @param {Extract<Incoming, {type: 'media'}>} message */
  #othersMedia({ seat, microphone, camera }) {
    const other = this.#others.get(seat);
    if (!other) return;
    const { view } = this.parts;
    view.tiles.media(seat, microphone, camera);
    this.#others.set(seat, { ...other, microphone, camera });
    if (this.#unheard.delete(seat)) return; // the first one only says how they came in
    if (other.microphone !== microphone) view.say(microphone ? 'other-unmuted' : 'other-muted', other.name);
    if (other.camera !== camera) view.say(camera ? 'other-camera-on' : 'other-camera-off', other.name);
  }

  /** @param {string} code */
  #erred(code) {
    const { view } = this.parts;
    if (SAID_BY_THE_CLOSE_CODE.has(code)) return;
    if (!this.inside && KNOCK_LATER.has(code)) {
      this.#refused = true;
      view.knockLater();
    }
    view.trouble(code === 'locked' ? 'error-locked' : code);
  }

  #tellMedia() {
    if (this.#call !== null) this.signaling.send({ type: 'media', ...this.parts.media.state });
  }

  #away() {
    this.parts.view.trouble(this.inside ? 'away' : 'away-outside');
  }

  #closeCall() {
    this.#call?.close();
    this.#call = null;
    this.#others.clear();
    this.#missing.clear();
    this.parts.view.tiles.clear();
  }

  /** @param {Reason} reason */
  #finish(reason) {
    if (this.#over) return;
    this.#over = true;
    this.#closeCall();
    this.parts.door?.clear();
    this.parts.onOver(reason);
  }
}
