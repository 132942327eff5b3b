import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { Malformed, decode, encode } from '../../frontend/static/js/room/protocol.js';

const ID = '0123456789abcdef'.repeat(2);
const TICKET = 'Az09_-'.repeat(7) + 'x';
const MOMENT = '2026-11-25T17:30:00Z';
const SDP = 'v=0\r\n';
const CANDIDATE = { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0, usernameFragment: 'abcd' };
const PARTICIPANT = { seat: ID, name: 'Lena', role: 'guest', microphone: true, camera: false };
const APART = { seat: ID, name: 'Lena', role: 'guest', group: 1 };
const MISSING = { seat: ID, name: 'Lena' };
const WAITING = { seat: ID, name: 'Lena', since: MOMENT };
const ICE = { servers: [{ urls: ['turn:relay.example'], username: '1:x', credential: 'y' }, { urls: 'stun:stun.example' }], policy: 'relay' };
const WELCOME = {
  type: 'welcome', version: 1, seat: ID, role: 'host', state: 'inside',
  room: { locked: false, opens_at: MOMENT, closes_at: MOMENT, starts_at: MOMENT },
  call: ID, ice: ICE, participants: [PARTICIPANT], apart: [APART], waiting: [WAITING], missing: [MISSING],
}; // prettier-ignore

const FROM_THE_SERVER = [
  WELCOME,
  { ...WELCOME, role: 'guest', state: 'outside', ice: null, participants: [], apart: [], waiting: [], missing: [] },
  { type: 'waiting', host: true },
  { type: 'knocking', ...WAITING },
  { type: 'gone', seat: ID },
  { type: 'missing', seats: [MISSING] },
  { type: 'admitted', ice: ICE, participants: [PARTICIPANT], apart: [APART] },
  { type: 'back', host: true },
  { type: 'groups', participants: [PARTICIPANT], apart: [APART] },
  { type: 'signal', seat: ID, name: 'Lena', kind: 'not_safe' },
  { type: 'signalled', heard: true },
  { type: 'servers', united: false },
  { type: 'refused', text: '' },
  { type: 'joined', ...PARTICIPANT },
  { type: 'left', seat: ID },
  { type: 'offer', from: ID, body: { sdp: SDP } },
  { type: 'answer', from: ID, body: { sdp: SDP } },
  { type: 'candidates', from: ID, body: [CANDIDATE, { candidate: '' }] },
  { type: 'media', seat: ID, microphone: false, camera: true },
  { type: 'locked', locked: true },
  { type: 'ended' },
  { type: 'removed' },
  { type: 'error', code: 'knock_too_soon', text: 'Wait.' },
];

const TO_THE_SERVER = [
  { type: 'join', ticket: TICKET, version: 1 },
  { type: 'knock' },
  { type: 'admit', seat: ID },
  { type: 'admit', seat: ID, reason: 'Ben is ill.' },
  { type: 'admit_all' },
  { type: 'back', seat: ID },
  { type: 'groups', apart: [[ID]] },
  { type: 'signal', kind: 'not_alone' },
  { type: 'refuse', seat: ID },
  { type: 'refuse', seat: ID, text: 'é'.repeat(200) },
  { type: 'remove', seat: ID },
  { type: 'lock', locked: true },
  { type: 'end' },
  { type: 'leave' },
  { type: 'offer', to: ID, body: { sdp: SDP } },
  { type: 'answer', to: ID, body: { sdp: 'x'.repeat(32768) } },
  { type: 'candidates', to: ID, body: Array(60).fill(CANDIDATE) },
  { type: 'media', microphone: true, camera: true },
];

/** @param {string} code @param {() => unknown} act */
const refuses = (code, act) => assert.throws(act, (error) => error instanceof Malformed && error.code === code);

for (const message of FROM_THE_SERVER) {
  test(`${message.type} of the server is understood, and not with a field too many or too few`, () => {
    assert.deepEqual(decode(JSON.stringify(message)), message);
    refuses('unknown_field', () => decode(JSON.stringify({ ...message, surprise: 1 })));
    for (const field of Object.keys(message)) {
      const { [field]: _, ...rest } = message;
      refuses('malformed', () => decode(JSON.stringify(rest)));
      if (field !== 'type') refuses('malformed', () => decode(JSON.stringify({ ...message, [field]: 7.5 })));
    }
  });
}

for (const message of TO_THE_SERVER) {
  test(`${message.type} to the server is made, and not with a field too many`, () => {
    assert.deepEqual(JSON.parse(encode(message)), message);
    refuses('unknown_field', () => encode({ ...message, surprise: 1 }));
  });
}

for (const [flaw, code, frame] of [
  ['no JSON', 'malformed', 'hello'],
  ['no object', 'malformed', '[]'],
  ['nothing', 'malformed', 'null'],
  ['no type', 'malformed', '{}'],
  ['a type that is no text', 'malformed', '{"type":1}'],
  ['an unknown type', 'unknown_type', '{"type":"song"}'],
  ['a type that every object has', 'unknown_type', '{"type":"constructor"}'],
  ['a frame over 64 KiB', 'too_large', JSON.stringify({ type: 'error', code: 'x', text: 'x'.repeat(65536) })],
  ['what only a browser says', 'unknown_type', '{"type":"knock"}'],
  ['an id of another length', 'malformed', JSON.stringify({ type: 'left', seat: ID.slice(1) })],
  ['an id in capitals', 'malformed', JSON.stringify({ type: 'left', seat: ID.toUpperCase() })],
  ['another version', 'malformed', JSON.stringify({ ...WELCOME, version: 2 })],
  ['a moment that is none', 'malformed', JSON.stringify({ type: 'knocking', ...WAITING, since: 'soon' })],
  ['a candidate with a field too many', 'unknown_field', JSON.stringify({ type: 'candidates', from: ID, body: [{ ...CANDIDATE, x: 1 }] })],
]) {
  test(`refused from the server: ${flaw}`, () => refuses(code, () => decode(frame)));
}

for (const [flaw, code, message] of [
  ['a ticket that is too short', 'malformed', { type: 'join', ticket: TICKET.slice(1), version: 1 }],
  ['a sentence over 200 characters', 'malformed', { type: 'refuse', seat: ID, text: 'x'.repeat(201) }],
  ['a description over 32 KiB', 'too_large', { type: 'offer', to: ID, body: { sdp: 'x'.repeat(32769) } }],
  ['a candidate over 1 KiB', 'too_large', { type: 'candidates', to: ID, body: [{ candidate: 'é'.repeat(513) }] }],
  ['more than 60 candidates', 'too_many_candidates', { type: 'candidates', to: ID, body: Array(61).fill(CANDIDATE) }],
  ['no candidates', 'malformed', { type: 'candidates', to: ID, body: [] }],
  ['a line index below zero', 'malformed', { type: 'candidates', to: ID, body: [{ candidate: '', sdpMLineIndex: -1 }] }],
  ['a body that is missing', 'malformed', { type: 'answer', to: ID }],
]) {
  test(`not sent: ${flaw}`, () => refuses(code, () => encode(message)));
}

test('sixty long candidates are too large for one frame', () => {
  const long = { candidate: 'x'.repeat(1024), sdpMid: 'x'.repeat(60) };
  refuses('too_large', () => encode({ type: 'candidates', to: ID, body: Array(60).fill(long) }));
});

/** The files both twins must agree on. @param {'good' | 'refused'} folder */
function vectors(folder) {
  const place = new URL(`../vectors/signaling/${folder}/`, import.meta.url);
  const files = readdirSync(place).filter((name) => name.endsWith('.json'));
  assert.ok(files.length > 10, `too few vectors in ${folder}`);
  return files.map((name) => ({ name, ...JSON.parse(readFileSync(new URL(name, place), 'utf8')) }));
}

/**
 * What the frame says; undefined where the flaw is in the text itself (not JSON, large by its spaces alone, nested
 * too deep for the engine), which cannot come from an object.
 * @param {string} frame
 */
function content(frame) {
  try {
    const value = JSON.parse(frame);
    return JSON.stringify(value).length === frame.length ? value : undefined;
  } catch {
    return undefined;
  }
}

for (const { name, direction, message } of vectors('good')) {
  test(`good vector ${name}`, () => {
    if (direction === 'to_browser') assert.deepEqual(decode(message), JSON.parse(message));
    else assert.deepEqual(JSON.parse(encode(JSON.parse(message))), JSON.parse(message));
  });
}

for (const { name, direction, message, code } of vectors('refused')) {
  const said = content(message);
  // A page passes over what it does not understand and tells nobody why: the code is the server's affair.
  if (direction === 'to_browser') test(`refused vector ${name}`, () => assert.throws(() => decode(message), Malformed));
  else if (said !== undefined) test(`refused vector ${name}`, () => refuses(code, () => encode(said)));
}
