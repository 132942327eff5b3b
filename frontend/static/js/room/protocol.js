/**
 * The wire of the room, seen from the browser: the twin of signaling/protocol.py. Pure.
 * Every message, limit and code is explained in signaling/PROTOCOL.md.
 */

/** @typedef {{seat: string, name: string, role: 'host' | 'guest', microphone: boolean, camera: boolean}} Participant */
/** @typedef {{seat: string, name: string, since: string}} Waiting */
/** @typedef {{candidate: string, sdpMid: string | null, sdpMLineIndex: number | null, usernameFragment: string | null}} Candidate */
/** @typedef {{urls: string | string[], username?: string, credential?: string}} IceServer */
/** @typedef {{servers: IceServer[], policy: 'all' | 'relay'}} Ice */
/** @typedef {{locked: boolean, opens_at: string, closes_at: string, starts_at: string}} RoomState */

/**
 * @typedef {{type: 'welcome', version: number, seat: string, role: 'host' | 'guest', state: 'outside' | 'inside',
 *   room: RoomState, call: string, ice: Ice | null, participants: Participant[], waiting: Waiting[]}} Welcome
 */
/**
 * What the server may say.
 * @typedef {Welcome
 *   | {type: 'waiting', host: boolean}
 *   | ({type: 'knocking'} & Waiting)
 *   | {type: 'gone', seat: string}
 *   | {type: 'admitted', ice: Ice, participants: Participant[]}
 *   | {type: 'refused', text: string}
 *   | ({type: 'joined'} & Participant)
 *   | {type: 'left', seat: string}
 *   | {type: 'offer', from: string, body: {sdp: string}}
 *   | {type: 'answer', from: string, body: {sdp: string}}
 *   | {type: 'candidates', from: string, body: Candidate[]}
 *   | {type: 'media', seat: string, microphone: boolean, camera: boolean}
 *   | {type: 'locked', locked: boolean}
 *   | {type: 'ended'}
 *   | {type: 'removed'}
 *   | {type: 'error', code: string, text: string}} Incoming
 */
/**
 * What this page may say.
 * @typedef {{type: 'join', ticket: string, version: number}
 *   | {type: 'knock'}
 *   | {type: 'admit', seat: string}
 *   | {type: 'refuse', seat: string, text?: string}
 *   | {type: 'remove', seat: string}
 *   | {type: 'lock', locked: boolean}
 *   | {type: 'end'}
 *   | {type: 'leave'}
 *   | {type: 'offer', to: string, body: {sdp: string}}
 *   | {type: 'answer', to: string, body: {sdp: string}}
 *   | {type: 'candidates', to: string, body: Candidate[]}
 *   | {type: 'media', microphone: boolean, camera: boolean}} Outgoing
 */

const encoder = new TextEncoder();

export const VERSION = 1;
export const FRAME_BYTES = 65536;
export const SDP_BYTES = 32768;
export const CANDIDATE_BYTES = 1024;
export const CANDIDATES_PER_NEGOTIATION = 60;
export const REFUSAL_CHARACTERS = 200;

/** Close codes of PROTOCOL.md, "Close codes". */
export const CLOSE = Object.freeze({
  left: 1000,
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

/** A message that does not follow the protocol; `code` is one of its stable error codes. */
export class Malformed extends Error {
  /** @param {Code} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** @typedef {'malformed' | 'unknown_type' | 'unknown_field' | 'too_large' | 'too_many_candidates'} Code */
/** True when the value is as agreed; false or a code when it is not. @typedef {(value: unknown) => boolean | Code} Check */

/** @type {Check} */
const boolean = (value) => typeof value === 'boolean';
/** @type {Check} */
const text = (value) => typeof value === 'string';
/** @type {Check} */
const textOrNull = (value) => value === null || text(value);
/** @type {Check} */
const id = (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
/** @type {Check} */
const ticket = (value) => typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value);
/** @type {Check} */
const moment = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
/** @type {Check} */
const version = (value) => value === VERSION;
/** @type {Check} */
const index = (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255;
/** @type {Check} */
const refusal = (value) => typeof value === 'string' && [...value].length <= REFUSAL_CHARACTERS;

/** @type {Check} */
const fragment = (value) => typeof value === 'string' && [...value].length <= 256;

/** @param {...string} words @returns {Check} */
const oneOf = (...words) => (value) => typeof value === 'string' && words.includes(value);
/** @param {Check} check @returns {Check} */
const orNull = (check) => (value) => value === null || check(value);
/** @param {Check} check @returns {Check} */
const listOf = (check) => (value) =>
  Array.isArray(value) && (value.map((one) => check(one)).find((verdict) => verdict !== true) ?? true);
/** @param {number} most bytes in UTF-8 @returns {Check} */
const textUpTo = (most) => (value) => typeof value === 'string' && (bytes(value) <= most || 'too_large');

/** @typedef {{[field: string]: Check}} Shape */

/** Fields whose name ends in "?" may be missing. @param {Shape} shape @returns {Check} */
const shaped = (shape) => (value) => fault(value, shape)?.code ?? true;

const participant = { seat: id, name: text, role: oneOf('host', 'guest'), microphone: boolean, camera: boolean };
const waiting = { seat: id, name: text, since: moment };
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
    participants: listOf(shaped(participant)),
    waiting: listOf(shaped(waiting)),
  },
  waiting: { host: boolean },
  knocking: waiting,
  gone: { seat: id },
  admitted: { ice, participants: listOf(shaped(participant)) },
  refused: { text: refusal },
  joined: participant,
  left: { seat: id },
  offer: { from: id, body: description },
  answer: { from: id, body: description },
  candidates: { from: id, body: candidates },
  media: { seat: id, microphone: boolean, camera: boolean },
  locked: { locked: boolean },
  ended: {},
  removed: {},
  error: { code: text, text },
};

/** @type {{[type: string]: Shape}} */
const OUTGOING = {
  join: { ticket, version },
  knock: {},
  admit: { seat: id },
  refuse: { seat: id, 'text?': refusal },
  remove: { seat: id },
  lock: { locked: boolean },
  end: {},
  leave: {},
  offer: { to: id, body: description },
  answer: { to: id, body: description },
  candidates: { to: id, body: candidates },
  media: { microphone: boolean, camera: boolean },
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

/** What is wrong with a value of this shape, or null. @param {unknown} value @param {Shape} shape @returns {Malformed | null} */
function fault(value, shape) {
  if (!isObject(value)) return new Malformed('malformed', 'an object is missing');
  for (const field of Object.keys(value)) {
    if (!Object.hasOwn(shape, field) && !Object.hasOwn(shape, `${field}?`)) {
      return new Malformed('unknown_field', `unknown field ${field.slice(0, 40)}`);
    }
  }
  for (const [name, check] of Object.entries(shape)) {
    const optional = name.endsWith('?');
    const field = optional ? name.slice(0, -1) : name;
    if (!Object.hasOwn(value, field)) {
      if (!optional) return new Malformed('malformed', `${field} is missing`);
    } else {
      const verdict = check(value[field]);
      if (verdict !== true) return new Malformed(verdict || 'malformed', `${field} is not as agreed`);
    }
  }
  return null;
}

/** @param {unknown} value @returns {value is {[field: string]: unknown}} */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Length in UTF-8. @param {string} value @returns {number} */
function bytes(value) {
  return encoder.encode(value).length;
}
