/** From the click on the door to the last word: the socket, the links, and who is in the room. */
import { Call, browserConnection } from './call.js';
import { Others } from './others.js';
import { Signaling, browserClock } from './signaling.js';
import { atTheDoor } from './threshold.js';

/** @typedef {import('./link.js').Link} Link */
/** @typedef {import('./link.js').LinkState} LinkState */
/** @typedef {import('./channels.js').ChannelName} ChannelName */
/** @typedef {import('./channels.js').Frame} Frame */
/** @typedef {import('./protocol.js').Incoming} Incoming */
/** @typedef {import('./protocol.js').Ice} Ice */
/** @typedef {import('./others.js').Around} Around */
/** @typedef {import('./protocol.js').Welcome} Welcome */
/** @typedef {import('./signaling.js').Reason} Reason */
/** @typedef {import('./door.js').Door} Door */
/** @typedef {import('./media.js').Media} Media */
/** @typedef {import('./safety.js').Safety} Safety */
/** @typedef {import('./view.js').View} View */
/**
 * Who hears what comes on a data channel; null is a frame over the bound.
 * @typedef {{[name in ChannelName]?: (seat: string, frame: Frame | null, link: Link) => void}} Hearers
 */
/**
 * @typedef {{view: View, door: Door | null, media: Media, safety: Safety, exchange: import('./exchange.js').Exchange, certificate: Promise<RTCCertificate>, onLink: (state: LinkState, connection: RTCPeerConnection | undefined) => void,
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
  #callId = '';
  /** The therapist said "not now": knocking again is for the person to decide. */
  #refused = false;
  #over = false;
  /** The server cannot be reached. */
  #isAway = false;
  /** It cannot reach the servers of others. */
  #isDivided = false;
  /** Who waits to learn whether a therapist heard a signal. @type {((heard: boolean) => void)[]} */
  #signalled = [];
  /** Messages come one by one, also where the first must wait for the certificate. */
  #turn = Promise.resolve();

  /** @param {MeetingParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.others = new Others({ ...parts, call: () => this.#call });
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

  /** The way to those in the room beside sound and picture; null outside. @returns {{own: string, call: Call} | null} */
  get ways() {
    return this.#call && { own: this.#seat, call: this.#call };
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

  /** It may be another network, or the machine has slept: what is lost is looked for at once. */
  networkChanged() {
    this.signaling.hurry();
    this.#call?.restart();
  }

  /** @param {Reason} [reason] */
  leave(reason = 'left') {
    this.signaling.leave();
    this.#finish(reason);
  }

  /** Go away from the door without a word on the page. */
  abandon() {
    this.#over = true;
    this.signaling.leave();
    this.#closeCall();
  }

  /**
   * From the door, to the therapist alone; nothing on the page says so.
   * @param {'not_alone' | 'not_safe'} kind @returns {Promise<boolean>} whether a therapist was there to hear it
   */
  signal(kind) {
    if (!this.signaling.send({ type: 'signal', kind })) return Promise.resolve(false);
    return new Promise((resolve) => this.#signalled.push(resolve));
  }

  /** Who speaks apart from the others. @param {(own: string) => string[][]} apart groups of seats */
  groups(apart) {
    this.signaling.send({ type: 'groups', apart: apart(this.#seat) });
  }

  end() {
    if (!this.signaling.send({ type: 'end' })) this.parts.view.trouble('end-away');
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
        return this.#inside(message.ice, message);
      case 'waiting':
        view.knocked(message.host);
        return this.#isDivided ? view.trouble('servers') : undefined; // knocking takes off what was said before
      case 'back':
        this.#closeCall();
        return view.sentBack(message.host);
      case 'refused':
        this.#refused = true;
        view.refusal(message.text);
        return undefined;
      case 'knocking':
      case 'gone':
      case 'locked':
      case 'missing':
      case 'signal':
        return atTheDoor(view, this.parts.door, message);
      case 'servers':
        this.#isDivided = !message.united;
        return view.trouble(this.#isDivided ? 'servers' : null);
      case 'signalled':
        return this.#signalled.shift()?.(message.heard);
      case 'joined':
        this.others.joined(message);
        return this.#call?.joined(message.seat);
      case 'groups':
        return this.others.regrouped(this.#seat, message);
      case 'left':
        return this.others.went(message.seat);
      case 'media':
        return this.others.media(message);
      case 'offer':
      case 'answer':
      case 'candidates':
        return this.#call?.receive(message);
      case 'differ':
        return this.parts.safety.differs(message.seat);
      case 'pong':
        return undefined; // the socket is trusted again already
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
    this.#callId = welcome.call;
    this.#isAway = this.#isDivided = false;
    view.trouble(null);
    door?.clear();
    door?.locked(welcome.room.locked);
    door?.missing(welcome.missing);
    if (welcome.state === 'inside' && welcome.ice) {
      await this.#inside(welcome.ice, welcome);
      for (const waiting of welcome.waiting) atTheDoor(view, door, { type: 'knocking', ...waiting });
      return undefined;
    }
    // Only somebody who was let in holds links: whoever is outside again shows and hears nothing more.
    this.#closeCall();
    if (!this.#refused) this.knock();
    return undefined;
  }

  /** @param {Ice} ice @param {Around} around */
  async #inside(ice, around) {
    const { view, media, certificate } = this.parts;
    const cameBack = this.#call !== null;
    const present = around.participants.map(({ seat }) => seat);
    if (this.#call === null) this.#call = this.#newCall(ice, await certificate);
    else this.#call.resumed(ice, present);
    if (this.#over) return this.#closeCall();
    this.others.found(around);
    view.call();
    view.say(cameBack ? 'back' : 'inside');
    view.own(media.state, media.picture.track, media.microphone !== null);
    this.#tellMedia();
    return undefined;
  }

  /** @param {Ice} ice @param {RTCCertificate} certificate */
  #newCall(ice, certificate) {
    const { view, media, safety } = this.parts;
    const call = new Call({
      own: this.#seat,
      ice,
      clock: browserClock,
      certificate,
      tracks: media.tracks,
      guard: safety,
      send: (message) => this.signaling.send(message),
      connect: browserConnection,
      onStream: (seat, stream) => view.tiles.stream(seat, stream),
      onState: (seat, state) => this.#linkIs(seat, state),
      onFrame: (seat, name, frame, link) => this.parts.hearers[name]?.(seat, frame, link),
      onFault: reportError,
    });
    safety.begin(call, this.#seat, this.#callId);
    return call;
  }

  /** @param {string} seat @param {LinkState} state */
  #linkIs(seat, state) {
    this.parts.onLink(state, this.#call?.shown(seat)?.parts.connection);
    if (state === 'unsteady') this.signaling.hurry(); // it may be the line of this page, and then the socket is lost, too
    if (this.#isAway) this.#sayAway();
    if (this.others.isMissing(seat) && state !== 'connected') this.others.went(seat);
    else this.parts.view.link(seat, state === 'gone' ? 'unsteady' : state, this.others.nameOf(seat) ?? '');
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
    for (const resolve of this.#signalled.splice(0)) resolve(false);
    this.#isAway = true;
    this.#sayAway();
  }

  #sayAway() {
    if (this.#call?.isCut) this.parts.view.trouble('cut');
    else this.parts.view.trouble(this.inside ? 'away' : 'away-outside');
  }

  #closeCall() {
    this.#call?.close();
    this.#call = null;
    this.parts.safety.end();
    this.others.clear();
    this.parts.exchange.clear();
    this.parts.media.picture.show(null); // a screen is shown for one call
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
