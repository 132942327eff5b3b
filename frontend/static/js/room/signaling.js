/**
 * One socket at a time to the signaling server, and the way back when it is lost.
 * Ticket and socket are asked for at the same moment; the join is sent when both are there.
 */
import { CLOSE, Malformed, VERSION, decode, encode } from './protocol.js';

/** @typedef {import('./protocol.js').Incoming} Incoming */
/** @typedef {import('./protocol.js').Outgoing} Outgoing */
/**
 * The part of WebSocket that is used here.
 * @typedef {{send(text: string): void, close(code?: number): void,
 *   onopen: ((event: any) => void) | null,
 *   onmessage: ((event: any) => void) | null,
 *   onclose: ((event: any) => void) | null}} Socket
 */
/** @typedef {{now(): number, chance(): number, after(milliseconds: number, act: () => void): () => void}} Clock */
/** Why the server will not have us back by itself, or why this page went. @typedef {'left' | 'differ' | 'removed' | 'taken_over' | 'ended' | 'locked' | 'refused' | 'signed_out'} Reason */
/**
 * @typedef {{askTicket: () => Promise<string>, openSocket: () => Socket, clock: Clock,
 *   onMessage: (message: Incoming) => void, onAway: () => void, onClosed: (reason: Reason) => void}} Parts
 */

const FIRST_DELAY = 300;
const LONGEST_DELAY = 8000;
const STEADY_AFTER = 10000;
/** No welcome within this time, or no word after being asked for one: nothing comes through this socket any more. */
const WELCOME_WITHIN = 10000;
const WORD_WITHIN = 4000;
/** After a restart or a flood everybody comes back at once unless each waits a while of its own. */
const SPREAD = 2000;

/** @type {ReadonlyMap<number, Reason>} Close codes after which asking again would be wrong. */
const FINAL = new Map([
  [CLOSE.left, 'left'],
  [CLOSE.removed, 'removed'],
  [CLOSE.seatTakenOver, 'taken_over'],
  [CLOSE.ended, 'ended'],
  [CLOSE.locked, 'locked'],
]);

/** The service gives this person no ticket, and would not a second later. */
export class TicketRefused extends Error {
  /** @param {Reason} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** @type {Clock} */
export const browserClock = {
  now: () => performance.now(),
  chance: () => Math.random(),
  after: (milliseconds, act) => {
    const timer = setTimeout(act, milliseconds);
    return () => clearTimeout(timer);
  },
};

/**
 * Ask for one ticket. Network errors and busy servers reject with any other error: worth another try.
 * @param {string} url @param {string} csrf @returns {Promise<string>} @throws {TicketRefused}
 */
export async function ticketFrom(url, csrf) {
  const answer = await fetch(url, { method: 'POST', headers: { 'X-CSRF-Token': csrf }, redirect: 'manual' });
  if (answer.status === 401 || answer.type === 'opaqueredirect') throw new TicketRefused('signed_out');
  if (answer.status === 410) throw new TicketRefused('ended');
  if ([400, 403, 404, 409].includes(answer.status)) throw new TicketRefused('refused');
  if (!answer.ok) throw new Error(`no ticket now (${answer.status})`);
  return String((await answer.json()).ticket);
}

export class Signaling {
  /** @type {Socket | null} */
  #socket = null;
  /** @type {() => void} */
  #stopWaiting = () => {};
  /** Of the clock that runs until the server says something. @type {(() => void) | null} */
  #stopDoubting = null;
  #tries = 0;
  #ticketsRefused = 0;
  #welcomedAt = 0;
  #welcomed = false;
  #closed = false;

  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** Whether messages reach the server now. */
  get open() {
    return this.#welcomed;
  }

  /** Ask for a ticket, open a socket, join. Called once; later sockets open by themselves. */
  connect() {
    this.#stopWaiting();
    const socket = this.parts.openSocket();
    this.#socket = socket;
    this.#doubt(WELCOME_WITHIN);
    /** @type {Promise<void>} */
    const opened = new Promise((resolve) => (socket.onopen = () => resolve()));
    socket.onmessage = (event) => this.#received(socket, event.data);
    socket.onclose = (event) => this.#lost(socket, event.code);
    const ticket = this.parts.askTicket();
    ticket.catch((error) => this.#noTicket(socket, error));
    Promise.all([ticket, opened]).then(
      ([secret]) => socket === this.#socket && socket.send(encode({ type: 'join', ticket: secret, version: VERSION })),
      () => {}, // #noTicket has dealt with it
    );
  }

  /** Say something; false when the server cannot be reached now. @param {Outgoing} message @returns {boolean} */
  send(message) {
    if (!this.#welcomed || this.#socket === null) return false;
    this.#socket.send(encode(message));
    return true;
  }

  /** The network is back, or the machine: do not wait for the rest of a delay, nor on a socket that carries nothing. */
  hurry() {
    if (this.#closed) return;
    if (this.#socket === null) this.connect();
    else if (this.#stopDoubting === null && this.send({ type: 'ping' })) this.#doubt(WORD_WITHIN);
  }

  /** Leave for good, politely when the server can hear it. */
  leave() {
    if (this.#closed) return;
    const socket = this.#socket;
    this.send({ type: 'leave' });
    this.#finish();
    socket?.close(CLOSE.left);
  }

  /** @param {Socket} socket @param {unknown} data */
  #received(socket, data) {
    if (socket !== this.#socket) return;
    if (this.#welcomed) this.#trust();
    let message;
    try {
      message = decode(String(data));
    } catch (error) {
      if (error instanceof Malformed) return; // a newer server may say more than this page understands
      throw error;
    }
    if (message.type === 'welcome') {
      this.#trust();
      this.#welcomed = true;
      this.#welcomedAt = this.parts.clock.now();
      this.#ticketsRefused = 0;
    }
    this.parts.onMessage(message);
  }

  /** Until the server says something; where it does not, another socket is opened. @param {number} milliseconds */
  #doubt(milliseconds) {
    this.#trust();
    const socket = this.#socket;
    this.#stopDoubting = this.parts.clock.after(milliseconds, () => {
      if (socket === null || socket !== this.#socket) return;
      this.#again(0);
      socket.close(CLOSE.lost);
    });
  }

  #trust() {
    this.#stopDoubting?.();
    this.#stopDoubting = null;
  }

  /** @param {Socket} socket @param {unknown} error */
  #noTicket(socket, error) {
    if (socket !== this.#socket) return;
    if (error instanceof TicketRefused) {
      this.#finish();
      this.parts.onClosed(error.reason);
      socket.close(CLOSE.left);
    } else {
      this.#again(0);
      socket.close(CLOSE.lost);
    }
  }

  /** @param {Socket} socket @param {number} code */
  #lost(socket, code) {
    if (socket !== this.#socket) return;
    const reason = FINAL.get(code) ?? (code === CLOSE.ticketRefused ? this.#refusedTwice() : undefined);
    if (reason !== undefined) {
      this.#finish();
      this.parts.onClosed(reason);
    } else {
      this.#again(code === CLOSE.restarting || code === CLOSE.tooFast ? SPREAD : 0);
    }
  }

  /** A ticket can grow old on a slow line; a second one refused in a row is meant. @returns {Reason | undefined} */
  #refusedTwice() {
    this.#ticketsRefused += 1;
    return this.#ticketsRefused >= 2 ? 'refused' : undefined;
  }

  /** Come back after a jittered while that doubles with every try in a row. @param {number} spread milliseconds added */
  #again(spread) {
    const { clock, onAway } = this.parts;
    if (this.#welcomed && clock.now() - this.#welcomedAt >= STEADY_AFTER) this.#tries = 0;
    const most = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#tries) + spread;
    this.#tries += 1;
    this.#trust();
    this.#socket = null;
    this.#welcomed = false;
    this.#stopWaiting = clock.after(most * (0.5 + clock.chance() / 2), () => this.connect());
    onAway();
  }

  #finish() {
    this.#stopWaiting();
    this.#trust();
    this.#closed = true;
    this.#socket = null;
    this.#welcomed = false;
  }
}
