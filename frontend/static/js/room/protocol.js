/**
 * The wire of the room, seen from the browser: the twin of signaling/protocol.py. Pure.
 * Every message, limit and code is explained in signaling/PROTOCOL.md.
 */
import {
  Malformed, boolean, bytes, fault, id, isObject, listOf, moment, oneOf, orNull, shaped, text, textOrNull, textUpTo,
} from './shapes.js';

/** @typedef {import('./shapes.js').Check} Check */
/** @typedef {import('./shapes.js').Shape} Shape */

/** @typedef {{seat: string, name: string, role: 'host' | 'guest', microphone: boolean, camera: boolean}} Participant */
/** Somebody inside who does not hear this seat. @typedef {{seat: string, name: string, role: 'host' | 'guest', group: number}} Apart */
/** @typedef {{seat: string, name: string, since: string}} Waiting */
/** Somebody who agreed to take part and is not there. @typedef {{seat: string, name: string}} Missing */
/** @typedef {{candidate: string, sdpMid: string | null, sdpMLineIndex: number | null, usernameFragment: string | null}} Candidate */
/** @typedef {{urls: string | string[], username?: string, credential?: string}} IceServer */
/** @typedef {{servers: IceServer[], policy: 'all' | 'relay'}} Ice */
/** @typedef {{locked: boolean, opens_at: string, closes_at: string, starts_at: string}} RoomState */

/**
 * @typedef {{type: 'welcome', version: number, seat: string, role: 'host' | 'guest', state: 'outside' | 'inside',
 *   room: RoomState, call: string, ice: Ice | null, participants: Participant[], apart: Apart[],
 *   waiting: Waiting[], missing: Missing[]}} Welcome
 */
/**
 * What the server may say.
 * @typedef {Welcome
 *   | {type: 'waiting', host: boolean}
 *   | ({type: 'knocking'} & Waiting)
 *   | {type: 'gone', seat: string}
 *   | {type: 'missing', seats: Missing[]}
 *   | {type: 'admitted', ice: Ice, participants: Participant[], apart: Apart[]}
 *   | {type: 'back', host: boolean}
 *   | {type: 'groups', participants: Participant[], apart: Apart[]}
 *   | {type: 'signal', seat: string, name: string, kind: 'not_alone' | 'not_safe'}
 *   | {type: 'signalled', heard: boolean}
 *   | {type: 'servers', united: boolean}
 *   | {type: 'refused', text: string}
 *   | ({type: 'joined'} & Participant)
 *   | {type: 'left', seat: string}
 *   | {type: 'offer', from: string, body: {sdp: string}}
 *   | {type: 'answer', from: string, body: {sdp: string}}
 *   | {type: 'candidates', from: string, body: Candidate[]}
 *   | {type: 'media', seat: string, microphone: boolean, camera: boolean}
 *   | {type: 'differ', seat: string}
 *   | {type: 'pong'}
 *   | {type: 'locked', locked: boolean}
 *   | {type: 'ended'}
 *   | {type: 'removed'}
 *   | {type: 'error', code: string, text: string}} Incoming
 */
/**
 * What this page may say.
 * @typedef {{type: 'join', ticket: string, version: number}
 *   | {type: 'knock'}
 *   | {type: 'admit', seat: string, reason?: string}
 *   | {type: 'admit_all', reason?: string}
 *   | {type: 'refuse', seat: string, text?: string}
 *   | {type: 'back', seat: string}
 *   | {type: 'groups', apart: string[][]}
 *   | {type: 'signal', kind: 'not_alone' | 'not_safe'}
 *   | {type: 'remove', seat: string}
 *   | {type: 'lock', locked: boolean}
 *   | {type: 'end'}
 *   | {type: 'leave'}
 *   | {type: 'offer', to: string, body: {sdp: string}}
 *   | {type: 'answer', to: string, body: {sdp: string}}
 *   | {type: 'candidates', to: string, body: Candidate[]}
 *   | {type: 'media', microphone: boolean, camera: boolean}
 *   | {type: 'differ', to: string}
 *   | {type: 'ping'}} Outgoing
 */

export { Malformed };
export const VERSION = 1;
export const FRAME_BYTES = 65536;
export const SDP_BYTES = 32768;
export const CANDIDATE_BYTES = 1024;
export const CANDIDATES_PER_NEGOTIATION = 60;
export const SENTENCE_CHARACTERS = 200;
const SEATS = 4;
const GROUPS_APART = 3;

/** Close codes of PROTOCOL.md, "Close codes". */
export const CLOSE = Object.freeze({
  left: 1000,
  lost: 4000, // said by this page alone, to a socket that is of no use
  tooLarge: 1009,
  restarting: 1012,
  malformed: 4400,
  ticketRefused: 4401,
  removed: 4403,
  joinTimeout: 4408,
  seatTakenOver: 4409,
  ended: 4410,
  locked: 4423,
  tooFast: 4429,
  slowReader: 4430,
  unavailable: 4503,
});

/** @type {Check} */
const ticket = (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value);
/** @type {Check} */
const version = (value) => value === VERSION;
/** @type {Check} */
const index = (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255;
/** @type {Check} */
const group = (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= GROUPS_APART;
/** @type {Check} */
const sentence = (value) => typeof value === 'string' && [...value].length <= SENTENCE_CHARACTERS;

/** @type {Check} */
const fragment = (value) => typeof value === 'string' && [...value].length <= 256;

const participant = { seat: id, name: text, role: oneOf('host', 'guest'), microphone: boolean, camera: boolean };
const apart = { seat: id, name: text, role: oneOf('host', 'guest'), group };
const waiting = { seat: id, name: text, since: moment };
const missing = { seat: id, name: text };
const around = { participants: listOf(shaped(participant)), apart: listOf(shaped(apart)) };
/** @type {Check} */
const groups = (value) =>
  Array.isArray(value) &&
  value.length <= GROUPS_APART &&
  value.every((one) => Array.isArray(one) && one.length > 0 && one.length <= SEATS && one.every((seat) => id(seat) === true)) &&
  new Set(value.flat()).size === value.flat().length;
const candidate = shaped({
  candidate: textUpTo(CANDIDATE_BYTES),
  'sdpMid?': textOrNull,
  'sdpMLineIndex?': orNull(index),
  'usernameFragment?': orNull(fragment),
});
/** @type {Check} */
const candidates = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  (value.length <= CANDIDATES_PER_NEGOTIATION ? listOf(candidate)(value) : 'too_many_candidates');
const description = shaped({ sdp: textUpTo(SDP_BYTES) });
const ice = shaped({
  servers: listOf(
    shaped({ urls: (value) => text(value) || listOf(text)(value), 'username?': text, 'credential?': text }),
  ),
  policy: oneOf('all', 'relay'),
});
const room = shaped({ locked: boolean, opens_at: moment, closes_at: moment, starts_at: moment });

/** @type {{[type: string]: Shape}} */
const INCOMING = {
  welcome: {
    version,
    seat: id,
    role: oneOf('host', 'guest'),
    state: oneOf('outside', 'inside'),
    room,
    call: id,
    ice: orNull(ice),
    ...around,
    waiting: listOf(shaped(waiting)),
    missing: listOf(shaped(missing)),
  },
  waiting: { host: boolean },
  knocking: waiting,
  gone: { seat: id },
  missing: { seats: listOf(shaped(missing)) },
  admitted: { ice, ...around },
  back: { host: boolean },
  groups: around,
  signal: { seat: id, name: text, kind: oneOf('not_alone', 'not_safe') },
  signalled: { heard: boolean },
  servers: { united: boolean },
  refused: { text: sentence },
  joined: participant,
  left: { seat: id },
  offer: { from: id, body: description },
  answer: { from: id, body: description },
  candidates: { from: id, body: candidates },
  media: { seat: id, microphone: boolean, camera: boolean },
  differ: { seat: id },
  pong: {},
  locked: { locked: boolean },
  ended: {},
  removed: {},
  error: { code: text, text },
};

/** @type {{[type: string]: Shape}} */
const OUTGOING = {
  join: { ticket, version },
  knock: {},
  admit: { seat: id, 'reason?': sentence },
  admit_all: { 'reason?': sentence },
  refuse: { seat: id, 'text?': sentence },
  back: { seat: id },
  groups: { apart: groups },
  signal: { kind: oneOf('not_alone', 'not_safe') },
  remove: { seat: id },
  lock: { locked: boolean },
  end: {},
  leave: {},
  offer: { to: id, body: description },
  answer: { to: id, body: description },
  candidates: { to: id, body: candidates },
  media: { microphone: boolean, camera: boolean },
  differ: { to: id },
  ping: {},
};

/**
 * Read one text frame from the server.
 * @param {string} frame @returns {Incoming} @throws {Malformed}
 */
export function decode(frame) {
  return /** @type {Incoming} */ (checked(parse(frame), INCOMING));
}

/**
 * Make one text frame for the server; refuses what the server would refuse.
 * @param {Outgoing} message @returns {string} @throws {Malformed}
 */
export function encode(message) {
  const frame = JSON.stringify(message);
  if (bytes(frame) > FRAME_BYTES) throw new Malformed('too_large', 'the frame is too large');
  checked(message, OUTGOING);
  return frame;
}

/** @param {string} frame @returns {unknown} */
function parse(frame) {
  if (bytes(frame) > FRAME_BYTES) throw new Malformed('too_large', 'the frame is too large');
  try {
    return JSON.parse(frame);
  } catch {
    throw new Malformed('malformed', 'the frame is not JSON');
  }
}

/** @param {unknown} message @param {{[type: string]: Shape}} shapes @returns {unknown} */
function checked(message, shapes) {
  if (!isObject(message) || typeof message.type !== 'string') {
    throw new Malformed('malformed', 'a message is an object with a type');
  }
  const { type, ...fields } = message;
  if (!Object.hasOwn(shapes, type)) throw new Malformed('unknown_type', `unknown type ${type.slice(0, 40)}`);
  const wrong = fault(fields, shapes[type] ?? {});
  if (wrong !== null) throw wrong;
  return message;
}
