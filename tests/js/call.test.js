import assert from 'node:assert/strict';
import test from 'node:test';
import { sessionOf } from '../../frontend/static/js/room/link.js';
import { settled, two } from './peers.js';

const offers = (page) => page.sent.filter(({ type }) => type === 'offer').length;
const last = (page) => page.connections.at(-1);

test('the one who was in the room offers, once, and both end up connected', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  assert.equal(offers(small), 1);
  assert.equal(offers(large), 0);
  assert.deepEqual([last(small).connectionState, last(large).connectionState], ['connected', 'connected']);
  assert.deepEqual([...small.faults, ...large.faults], []);
});

test('every connection is bundled, muxed, relayed as the clinic says, and carries the certificate of the call', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  for (const { configuration } of [last(small), last(large)]) {
    assert.deepEqual(configuration, {
      iceServers: [{ urls: 'stun:stun.example' }],
      iceTransportPolicy: 'relay',
      bundlePolicy: 'max-bundle',
      rtcpMuxPolicy: 'require',
      certificates: ['certificate of this call'],
    });
  }
});

test('both ways are open for sound and picture, a missing picture too', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  for (const [page, own] of [[small, seats.small], [large, seats.large]]) {
    const [audio, video] = last(page).getTransceivers();
    assert.deepEqual([audio.direction, video.direction], ['sendrecv', 'sendrecv']);
    assert.equal(audio.sender.track.of, own);
    assert.equal(video.sender.track, null);
  }
});

test('both ends begin with a picture that is small enough to be there at once', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  for (const end of [small, large]) {
    const [encoding] = last(end).getTransceivers()[1].sender.getParameters().encodings;
    assert.equal(encoding.scaleResolutionDownBy, 2);
  }
});

test('a camera that is turned on later is sent without another negotiation', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  const sentBefore = large.sent.length;
  const camera = { kind: 'video' };
  await large.call.replaceTracks({ audio: null, video: camera });
  const [audio, video] = last(large).getTransceivers();
  assert.equal(video.sender.track, camera);
  assert.equal(audio.sender.track, null);
  assert.equal(large.sent.length, sentBefore);
});

for (const first of ['small', 'large']) {
  test(`two first offers at once end in one connection, ${first} being first`, async () => {
    const pair = two();
    const { small, large, seats } = pair;
    const join = { small: () => small.call.joined(seats.large), large: () => large.call.joined(seats.small) };
    join[first]();
    join[first === 'small' ? 'large' : 'small']();
    await settled();
    assert.deepEqual([small.connections.length, large.connections.length], [1, 2]);
    assert.equal(large.connections[0].signalingState, 'closed', 'the larger seat is polite and gives its own up');
    assert.deepEqual([last(small).connectionState, last(large).connectionState], ['connected', 'connected']);
    assert.deepEqual([...small.faults, ...large.faults], []);
  });
}

test('two restarts at once end in one negotiation: the polite one rolls back', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  small.call.restart();
  large.call.restart();
  await settled();
  assert.deepEqual([last(small).signalingState, last(large).signalingState], ['stable', 'stable']);
  assert.equal(small.sent.filter(({ type }) => type === 'answer').length, 0, 'the smaller seat answers nothing');
  assert.equal(large.sent.filter(({ type }) => type === 'answer').length, 2);
  assert.deepEqual([small.connections.length, large.connections.length], [1, 1]);
  assert.deepEqual([...small.faults, ...large.faults], []);
});

test('whoever comes back gets a new connection, and the old one plays until the new one does', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  const [old] = small.connections;
  const shown = small.streams.at(-1)[1];
  small.call.joined(seats.large);
  assert.equal(old.connectionState, 'connected');
  assert.equal(small.streams.at(-1)[1], shown);
  await settled();
  assert.equal(old.connectionState, 'closed');
  assert.equal(large.connections[0].connectionState, 'closed');
  assert.notEqual(small.streams.at(-1)[1], shown);
  assert.equal(last(large).connectionState, 'connected');
});

test('the old one plays on until something has come over the new one, and is muted with it', async () => {
  const { small, seats } = two();
  small.call.joined(seats.large);
  await settled();
  const [old] = small.connections;
  const before = small.streams.length;
  small.call.joined(seats.large);
  const [heard, made] = [[], last(small)];
  const add = made.addTransceiver.bind(made);
  made.addTransceiver = (...how) => {
    add(...how);
    const { track } = made.getTransceivers().at(-1).receiver;
    Object.assign(track, { muted: true, addEventListener: (_, act) => heard.push(act) });
  };
  await settled();
  assert.deepEqual([old.connectionState, last(small).connectionState], ['connected', 'connected']);
  assert.equal(small.streams.length, before);
  await small.call.replaceTracks({ audio: null, video: null });
  assert.equal(old.getTransceivers()[0].sender.track, null);
  assert.deepEqual(small.waits().map(({ milliseconds }) => milliseconds), [2000]);
  heard[0]();
  heard[1]();
  assert.equal(old.connectionState, 'closed');
  assert.deepEqual([small.streams.length, small.waits()], [before + 1, []]);
});

test('an offer that was lost with the socket does not block the way for ever', async () => {
  let away = true;
  const { small, large, seats } = two(() => away);
  small.call.joined(seats.large);
  await settled();
  away = false;
  small.call.resumed({ servers: [], policy: 'all' }, [seats.large]);
  large.call.joined(seats.small);
  await settled();
  assert.deepEqual([last(small).connectionState, last(large).connectionState], ['connected', 'connected']);
});

test('links that carry media outlive a socket that was away; others to absent seats do not', async () => {
  const { small, seats } = two();
  small.call.joined(seats.large);
  await settled();
  small.call.resumed({ servers: [], policy: 'all' }, []);
  assert.equal(last(small).connectionState, 'connected');
  last(small).becomes('disconnected');
  small.call.resumed({ servers: [], policy: 'all' }, []);
  assert.equal(last(small).connectionState, 'closed');
});

test('candidates of a few milliseconds are one message, the last ones go at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { small, seats } = two();
  small.call.joined(seats.large);
  await settled();
  const sent = () => small.sent.filter(({ type }) => type === 'candidates').map(({ body }) => body.map((one) => one.candidate));
  last(small).gathers('first');
  last(small).gathers('second');
  assert.deepEqual(sent(), []);
  t.mock.timers.tick(5);
  assert.deepEqual(sent(), [['first', 'second']]);
  last(small).gathers('third');
  last(small).gathers(null);
  assert.deepEqual(sent(), [['first', 'second'], ['third']]);
});

test('no negotiation sends more candidates than the server takes', async () => {
  const { small, seats } = two();
  small.call.joined(seats.large);
  await settled();
  for (let count = 0; count < 80; count += 1) last(small).gathers(`candidate ${count}`);
  last(small).gathers(null);
  const sent = small.sent.filter(({ type }) => type === 'candidates').flatMap(({ body }) => body);
  assert.ok(sent.length <= 60 && sent.length >= 59, String(sent.length));
});

test('whoever leaves is heard and seen no more, and what they still send does nothing', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  small.call.left(seats.large);
  assert.equal(last(small).connectionState, 'closed');
  small.call.receive({ type: 'answer', from: seats.large, body: { sdp: 'v=0' } });
  await settled();
  assert.deepEqual(small.faults, []);
  large.call.close();
  assert.equal(last(large).connectionState, 'closed');
});

test('an end that closes its connection is gone at once; closing one\'s own is no news', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  assert.equal(small.call.carries(seats.large), true);
  last(small).channels.words.onclose();
  assert.deepEqual(small.states.at(-1), [seats.large, 'gone']);
  assert.equal(small.call.carries(seats.large), false);
  const told = large.states.length;
  large.call.close();
  last(large).channels.words.onclose();
  assert.equal(large.states.length, told);
});

test('an end that offers no data channel is not asked for one', async () => {
  const { small, seats } = two();
  small.call.receive({ type: 'offer', from: seats.large, body: { sdp: 'v=0\r\no=- 77 1 IN IP4 127.0.0.1\r\n' } });
  await settled();
  assert.deepEqual(last(small).channels, {});
  assert.equal(small.call.say(seats.large, 'chat', 'hello'), false);
  assert.deepEqual(small.sent.map(({ type }) => type), ['answer']);
});

test('a description that makes no sense is told and does not stop the next one', async () => {
  const { small, large, seats } = two();
  small.call.joined(seats.large);
  await settled();
  small.call.receive({ type: 'answer', from: seats.large, body: { sdp: 'v=0' } });
  await settled();
  assert.equal(small.faults.length, 1);
  large.call.restart();
  await settled();
  assert.equal(last(small).signalingState, 'stable');
  assert.equal(small.sent.at(-1).type, 'answer');
});

test('the session id is that of the origin line', () => {
  assert.equal(sessionOf('v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\n'), '4611731400430051336');
  assert.equal(sessionOf('v=0\r\n'), '');
});

test('what is written goes to an end alone that may hear and see all; safety words go to any', async () => {
  for (const hears of ['all', 'voice', 'none']) {
    const { small, large, seats } = two(() => false, { hears: () => hears, described() {}, linkIs() {}, left() {} });
    assert.equal(small.call.confide(seats.large, 'chat', 'hello'), false, 'nobody there yet');
    small.call.joined(seats.large);
    await settled();
    assert.equal(small.call.confide(seats.large, 'chat', 'hello'), hears === 'all');
    assert.equal(small.call.say(seats.large, 'words', 'compare'), true);
    await settled();
    assert.deepEqual(large.frames.map(([, name]) => name), hears === 'all' ? ['chat', 'words'] : ['words']);
  }
});

test('the connections to measure are those whose streams are on the page', async () => {
  const { small, seats } = two();
  assert.deepEqual(small.call.connections, []);
  small.call.joined(seats.large);
  await settled();
  assert.deepEqual(small.call.connections, [[seats.large, last(small)]]);
  small.call.left(seats.large);
  assert.deepEqual(small.call.connections, []);
});
