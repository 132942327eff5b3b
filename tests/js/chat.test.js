import assert from 'node:assert/strict';
import test from 'node:test';
import { CHANNELS } from '../../frontend/static/js/room/channels.js';
import { TEXT_AT_MOST, plainText, readSaid, readShowing, writeSaid, writeShowing } from '../../frontend/static/js/room/chat.js';
import { Exchange } from '../../frontend/static/js/room/exchange.js';

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(32));

test('what is written is read as it was, markup and links included', () => {
  const said = { text: 'Look: <b>https://clinic.example/a?b=1</b>\nsecond line', to: [A, B] };
  assert.deepEqual(readSaid(writeSaid(said)), said);
});

test('the longest text in the widest letters fits a frame', () => {
  const frame = writeSaid({ text: '\u20ac'.repeat(TEXT_AT_MOST), to: [A, B, C] });
  assert.ok(new TextEncoder().encode(frame).length <= CHANNELS.chat.most);
  assert.ok(readSaid(frame));
});

for (const [flaw, frame] of Object.entries({
  'no text frame': new ArrayBuffer(4),
  'over the bound': null,
  'no JSON': '{',
  'not an object': '"text"',
  'nothing written': JSON.stringify({ text: ' \n', to: [A] }),
  'too long': JSON.stringify({ text: 'x'.repeat(TEXT_AT_MOST + 1), to: [A] }),
  'an unknown field': JSON.stringify({ text: 'x', to: [A], html: 'x' }),
  'no seat': JSON.stringify({ text: 'x', to: ['somebody'] }),
  'more seats than a room has': JSON.stringify({ text: 'x', to: [A, B, C, A] }),
})) {
  test(`a frame with this flaw says nothing: ${flaw}`, () => assert.equal(readSaid(frame), null));
}

test('signs that nobody sees or that turn the order of others are taken out', () => {
  assert.equal(plainText('\u0007a\u202egpj.exe\r\nb\u2066 '), 'a gpj.exe\nb');
});

/** A page without a page. @param {(seat: string) => boolean} reaches */
function exchanging(reaches = () => true) {
  const seen = { lines: [], showing: [], troubles: [], present: [], sent: [], cleared: 0 };
  const view = {
    present: (names) => seen.present.push(names),
    showing: (...showing) => seen.showing.push(showing),
    line: (line) => seen.lines.push(line),
    transfer: () => {},
    trouble: (...trouble) => seen.troubles.push(trouble),
    clear: () => (seen.cleared += 1),
  };
  const confide = (seat, name, frame) => reaches(seat) && Boolean(seen.sent.push([seat, name, JSON.parse(frame).text ?? frame]));
  const exchange = new Exchange(view, () => ({ own: C, call: { confide, channel: () => null } }));
  exchange.here([{ seat: A, name: 'Nadia' }, { seat: B, name: 'Mika' }]);
  return { ...seen, seen, exchange };
}

test('a message goes to all who hear this person, and says so', () => {
  const { exchange, lines, sent } = exchanging();
  assert.equal(exchange.say(' hello '), true);
  assert.deepEqual(sent, [[A, 'chat', 'hello'], [B, 'chat', 'hello']]);
  assert.deepEqual(lines, [{ text: 'hello', from: null, to: ['Nadia', 'Mika'] }]);
});

test('whom it does not reach is told; what reached nobody stays to be sent again', () => {
  const some = exchanging((seat) => seat === A);
  assert.equal(some.exchange.say('hello'), true);
  assert.deepEqual(some.lines[0].to, ['Nadia']);
  assert.deepEqual(some.troubles.at(-1), ['chat-missed', 'Mika']);
  const none = exchanging(() => false);
  assert.equal(none.exchange.say('hello'), false);
  assert.deepEqual(none.lines, []);
});

test('what comes says from whom and who else has it; whoever is not here is not heard', () => {
  const { exchange, lines } = exchanging();
  exchange.heard(A, writeSaid({ text: 'hello', to: [B, C] }));
  exchange.heard('d'.repeat(32), writeSaid({ text: 'from nowhere', to: [C] }));
  assert.deepEqual(lines, [{ text: 'hello', from: 'Nadia', to: ['Mika'] }]);
});

test('when the call is over nothing of it is left', () => {
  const { exchange, seen } = exchanging();
  exchange.say('hello');
  exchange.clear();
  assert.equal(seen.cleared, 1);
  assert.equal(exchange.say('to nobody'), false);
});

test('that a picture is a screen is told to all once, and to whoever comes later', () => {
  let open = new Set([A]);
  const { exchange, sent } = exchanging((seat) => open.has(seat));
  exchange.show(true);
  exchange.remind();
  open = new Set([A, B]);
  exchange.remind();
  exchange.remind();
  exchange.show(false);
  assert.deepEqual(sent.map(([seat, , frame]) => [seat, readShowing(frame)]), [[A, true], [B, true], [A, false], [B, false]]);
  assert.equal(readShowing('{"screen":1}'), null);
});

test('of a picture that is a screen the page hears, and shows no line', () => {
  const { exchange, seen } = exchanging();
  exchange.heard(A, writeShowing(true));
  assert.deepEqual([seen.showing, seen.lines], [[[A, true]], []]);
});
