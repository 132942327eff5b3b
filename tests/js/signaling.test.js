import assert from 'node:assert/strict';
import test from 'node:test';
import { Signaling, TicketRefused } from '../../frontend/static/js/room/signaling.js';

const TICKET = 'A'.repeat(43);
const ID = 'a'.repeat(32);
const MOMENT = '2026-11-25T17:30:00Z';
const WELCOME = {
  type: 'welcome', version: 1, seat: ID, role: 'guest', state: 'outside',
  room: { locked: false, opens_at: MOMENT, closes_at: MOMENT, starts_at: MOMENT },
  call: ID, ice: null, participants: [], apart: [], waiting: [], missing: [],
}; // prettier-ignore

class FakeSocket {
  sent = [];
  closedWith = null;
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close(code) {
    this.closedWith = code;
  }
  receives(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

class FakeClock {
  time = 0;
  luck = 1;
  waits = [];
  struck = [];
  now() {
    return this.time;
  }
  chance() {
    return this.luck;
  }
  after(milliseconds, act) {
    const wait = { milliseconds, act };
    this.waits.push(wait);
    return () => (this.waits = this.waits.filter((other) => other !== wait));
  }
  /** The last wait that was not stopped is over. */
  strike() {
    const wait = this.waits.pop();
    this.struck.push(wait.milliseconds);
    this.time += wait.milliseconds;
    wait.act();
  }
}

function line({ askTicket = async () => TICKET } = {}) {
  const sockets = [];
  const told = { messages: [], away: 0, closed: [] };
  const clock = new FakeClock();
  const signaling = new Signaling({
    askTicket,
    clock,
    openSocket: () => {
      sockets.push(new FakeSocket());
      return sockets.at(-1);
    },
    onMessage: (message) => told.messages.push(message),
    onAway: () => (told.away += 1),
    onClosed: (reason) => told.closed.push(reason),
  });
  return { signaling, sockets, told, clock };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

async function welcomed(parts = line()) {
  parts.signaling.connect();
  parts.sockets.at(-1).onopen();
  await soon();
  parts.sockets.at(-1).receives(WELCOME);
  return parts;
}

test('the ticket is asked for while the socket opens, and the join is the first message', async () => {
  let give;
  const { signaling, sockets } = line({ askTicket: () => new Promise((resolve) => (give = resolve)) });
  signaling.connect();
  assert.equal(sockets.length, 1);
  sockets[0].onopen();
  await soon();
  assert.deepEqual(sockets[0].sent, []);
  give(TICKET);
  await soon();
  assert.deepEqual(sockets[0].sent, [{ type: 'join', ticket: TICKET, version: 1 }]);
});

test('nothing is sent before the welcome', async () => {
  const { signaling, sockets } = line();
  signaling.connect();
  sockets[0].onopen();
  await soon();
  assert.equal(signaling.send({ type: 'knock' }), false);
  sockets[0].receives(WELCOME);
  assert.equal(signaling.send({ type: 'knock' }), true);
  assert.deepEqual(sockets[0].sent.at(-1), { type: 'knock' });
});

for (const code of [1006, 1009, 1012, 4400, 4408, 4429, 4430, 4503]) {
  test(`after ${code} it comes back with a new ticket`, async () => {
    const { sockets, told, clock } = await welcomed();
    sockets[0].onclose({ code });
    assert.equal(told.away, 1);
    assert.equal(sockets.length, 1, 'not at once');
    clock.strike();
    sockets[1].onopen();
    await soon();
    assert.equal(sockets[1].sent[0].type, 'join');
    assert.deepEqual(told.closed, []);
  });
}

for (const [code, reason] of [[1000, 'left'], [4403, 'removed'], [4409, 'taken_over'], [4410, 'ended'], [4423, 'locked']]) {
  test(`after ${code} it does not come back: ${reason}`, async () => {
    const { sockets, told, clock, signaling } = await welcomed();
    sockets[0].onclose({ code });
    signaling.hurry();
    assert.deepEqual(told.closed, [reason]);
    assert.equal(told.away, 0);
    assert.equal(clock.waits.length, 0);
    assert.equal(sockets.length, 1);
  });
}

test('one refused ticket may have grown old; the second in a row is meant', async () => {
  const { signaling, sockets, told, clock } = line();
  signaling.connect();
  sockets[0].onclose({ code: 4401 });
  assert.deepEqual(told.closed, []);
  clock.strike();
  sockets[1].onclose({ code: 4401 });
  assert.deepEqual(told.closed, ['refused']);
});

test('a person who gets no ticket is told why, and nothing is tried again', async () => {
  const { signaling, sockets, told, clock } = line({ askTicket: async () => Promise.reject(new TicketRefused('signed_out')) });
  signaling.connect();
  await soon();
  assert.deepEqual(told.closed, ['signed_out']);
  assert.equal(sockets[0].closedWith, 1000);
  assert.equal(clock.waits.length, 0);
});

test('a service that is away for a moment is asked again', async () => {
  const { signaling, sockets, told, clock } = line({ askTicket: async () => Promise.reject(new Error('502')) });
  signaling.connect();
  await soon();
  assert.deepEqual([sockets[0].closedWith, told.away, told.closed.length], [4000, 1, 0]);
  clock.strike();
  assert.equal(sockets.length, 2);
});

test('the wait doubles with every try in a row, up to a limit, and each page waits a time of its own', async () => {
  const { signaling, sockets, clock } = line();
  signaling.connect();
  for (let tries = 0; tries < 8; tries += 1) {
    sockets.at(-1).onclose({ code: 1006 });
    clock.strike();
  }
  assert.deepEqual(clock.struck, [300, 600, 1200, 2400, 4800, 8000, 8000, 8000]);
  clock.luck = 0;
  sockets.at(-1).onclose({ code: 1006 });
  assert.equal(clock.waits.at(-1).milliseconds, 4000);
});

test('after a restart of the servers not everybody comes back in the same moment, yet within ten seconds', async () => {
  const { sockets, clock } = await welcomed();
  sockets[0].onclose({ code: 1012 });
  assert.equal(clock.waits.at(-1).milliseconds, 2300);
});

test('a connection that held for a while starts the waits from the beginning; one that did not goes on doubling', async () => {
  const parts = await welcomed();
  const { sockets, clock } = parts;
  sockets[0].onclose({ code: 1006 });
  clock.strike();
  await welcomed({ ...parts, signaling: { connect: () => {} } });
  sockets[1].onclose({ code: 1006 });
  assert.equal(clock.waits.at(-1).milliseconds, 600);
  clock.strike();
  await welcomed({ ...parts, signaling: { connect: () => {} } });
  clock.time += 10000;
  sockets[2].onclose({ code: 1006 });
  assert.equal(clock.waits.at(-1).milliseconds, 300);
});

test('when the network is back the wait is over', async () => {
  const { signaling, sockets, clock } = await welcomed();
  sockets[0].onclose({ code: 1006 });
  signaling.hurry();
  assert.equal(sockets.length, 2);
  assert.deepEqual(clock.waits.map(({ milliseconds }) => milliseconds), [10000], 'only the welcome is waited for');
  signaling.hurry();
  assert.equal(sockets.length, 2, 'one socket at a time');
});

test('leaving is said, closes the socket, and is final', async () => {
  const { signaling, sockets, told } = await welcomed();
  signaling.leave();
  assert.deepEqual(sockets[0].sent.at(-1), { type: 'leave' });
  assert.equal(sockets[0].closedWith, 1000);
  sockets[0].onclose({ code: 1006 });
  assert.deepEqual([told.away, told.closed.length], [0, 0]);
});

test('an old socket has nothing to say any more', async () => {
  const { sockets, told, clock } = await welcomed();
  sockets[0].onclose({ code: 1006 });
  clock.strike();
  const before = told.messages.length;
  sockets[0].receives({ type: 'ended' });
  assert.equal(told.messages.length, before);
});

test('a message that is not understood is passed over', async () => {
  const { sockets, told } = await welcomed();
  sockets[0].onmessage({ data: '{"type":"song"}' });
  sockets[0].onmessage({ data: 'not JSON' });
  sockets[0].receives({ type: 'waiting', host: true });
  assert.deepEqual(told.messages.map(({ type }) => type), ['welcome', 'waiting']);
});

test('a socket that carries nothing any more is found out by asking, and another one is opened', async () => {
  const { signaling, sockets, told, clock } = await welcomed();
  signaling.hurry();
  signaling.hurry();
  assert.deepEqual(sockets[0].sent.slice(1), [{ type: 'ping' }], 'asked once');
  sockets[0].receives({ type: 'pong' });
  assert.equal(clock.waits.length, 0, 'it still reaches the server');
  signaling.hurry();
  sockets[0].receives({ type: 'waiting', host: true });
  assert.equal(clock.waits.length, 0, 'any word will do');
  signaling.hurry();
  clock.strike();
  assert.deepEqual([sockets[0].closedWith, told.away], [4000, 1]);
  sockets[0].onclose({ code: 1006 });
  assert.equal(told.away, 1);
  clock.strike();
  assert.equal(sockets.length, 2);
});

test('no welcome within ten seconds: another socket is tried', async () => {
  const { signaling, sockets, told, clock } = line({ askTicket: () => new Promise(() => {}) });
  signaling.connect();
  assert.equal(clock.waits.at(-1).milliseconds, 10000);
  clock.strike();
  assert.deepEqual([sockets[0].closedWith, told.away], [4000, 1]);
  clock.strike();
  assert.equal(sockets.length, 2);
});

test('whoever has left does not wait for anything', async () => {
  const { signaling, clock } = await welcomed();
  signaling.hurry();
  signaling.leave();
  assert.equal(clock.waits.length, 0);
});
