/** The room page, wired. */
import { Awake } from './awake.js';
import { newCertificate } from './call.js';
import { ChatView } from './chat-view.js';
import { Door } from './door.js';
import { Exchange } from './exchange.js';
import { LineView } from './line-view.js';
import { Lines } from './line.js';
import { LocatedView } from './located-view.js';
import { Media } from './media.js';
import { Meeting } from './meeting.js';
import { MoreView } from './more-view.js';
import { NotesView } from './notes-view.js';
import { Office } from './office.js';
import { Preparation } from './preparation.js';
import { Safety } from './safety.js';
import { openScreen } from './screen.js';
import { SentView } from './sent-view.js';
import { Touches, kindOf } from './sign.js';
import { listenForSign } from './sign-view.js';
import { browserClock, ticketFrom } from './signaling.js';
import { Tiles } from './tiles.js';
import { View } from './view.js';
import { Waking } from './waking.js';
import { Way } from './way.js';
import { WhereView } from './where-view.js';
import { WordScreen } from './wordscreen.js';

/** @typedef {import('./media.js').Trouble} Trouble */
/** @typedef {import('./signaling.js').Reason} Reason */

const room = /** @type {HTMLElement} */ (document.getElementById('room'));
const { ticketsUrl = '', connectionUrl = '', differenceUrl = '', whereaboutsUrl = '', socketPath = '', csrf = '', role, appointment = '' } = room.dataset;

const service = new Office(csrf);
const view = new View(room, { onFrame: firstFrame });
const media = new Media(navigator.mediaDevices, {
  onLost: (device, cause) => void changed({ device, cause }),
  onHeld: (device, held) => void changed(held ? { device, cause: 'held' } : null),
});
const preparation = new Preparation(media, view);
const awake = new Awake(navigator.wakeLock);
const sent = new SentView(room, media.picture, { send: (kind) => void preparation.send(kind).then(changed) });
const more = new MoreView(room, {
  canShowScreen: Boolean(navigator.mediaDevices?.getDisplayMedia),
  flip: () => void media.flip().then(changed),
  screen: () => void showScreen(),
  stopScreen: () => void stopScreen(),
});
media.picture.onChange = () => {
  sent.show();
  more.screen(media.picture.screen !== null);
  notes?.screen(media.picture.screen !== null);
};
/** @type {Meeting | null} */
let meeting = null;
// Said once for each call: how it went is known from this. Where it does not arrive, the other side says the same.
const way = new Way((path) => service.tell(connectionUrl, new URLSearchParams({ path })));
let certificate = newCertificate(); // made now, so that the call need not wait for it

/** @type {Exchange} */
const exchange = new Exchange(
  new ChatView(room, {
    say: (text) => exchange.say(text),
    offer: (file) => void exchange.offer(file).catch(reportError),
    accept: (id) => exchange.files.accept(id),
    cancel: (id) => exchange.files.cancel(id),
  }),
  () => meeting?.ways ?? null,
);

const lines = new Lines({
  connections: () => meeting?.ways?.call.connections ?? [],
  view: new LineView(room),
  clock: browserClock,
  onMeasured: () => {
    exchange.remind();
    safety.remind((meeting?.ways?.call.connections ?? []).map(([seat]) => seat));
  },
  onFault: reportError,
});

const waking = new Waking({ ...browserClock, now: () => Date.now() }, () => meeting?.networkChanged());

/** @type {Safety} */
const safety = new Safety({
  appointment,
  screen: new WordScreen(room, {
    explain: (seat) => safety.explain(seat),
    compare: () => safety.compare(),
    choose: (words) => safety.choose(words),
    differ: () => safety.differ(),
    stop: () => safety.stop(),
    goOn: (seat) => safety.goOn(seat),
  }),
  clock: browserClock,
  onDiffer: (by, seat) => {
    if (by === 'them') return;
    meeting?.signaling.send({ type: 'differ', to: seat });
    void service.tell(differenceUrl); // on record once, from where the words were heard
  },
  onParted: () => meeting?.leave('differ'),
  onFault: reportError,
});

view.listen({
  openBoth: () => void preparation.openBoth(),
  openVoice: () => void preparation.openVoice(),
  openNone: () => preparation.openNone(),
  choose: (device, id) => void (device === 'speaker' ? view.tiles.speaker(id) : media.choose(device, id).then(changed)),
  enter,
  mute: () => void preparation.toggleMicrophone().then((trouble) => turned('microphone', trouble)),
  camera: () => void preparation.toggleCamera().then((trouble) => turned('camera', trouble)),
  knockAgain: () => meeting?.knock(),
  stopWaiting: () => {
    meeting?.abandon();
    meeting = null;
    lines.clear();
    waking.stop();
    void awake.rest();
    void preparation.ready();
  },
  leave: () => meeting?.leave(),
  end: () => meeting?.end(),
  comeBack: () => void preparation.openAgain(),
});

const door =
  role === 'host'
    ? new Door(room, {
        admit: (seat, reason) => meeting?.signaling.send({ type: 'admit', seat, ...(reason && { reason }) }),
        admitAll: (reason) => meeting?.signaling.send({ type: 'admit_all', ...(reason && { reason }) }),
        back: (seat) => meeting?.signaling.send({ type: 'back', seat }),
        groups: (apart) => meeting?.groups(apart),
        refuse: (seat, text) => meeting?.signaling.send({ type: 'refuse', seat, ...(text && { text }) }),
        remove: (seat) => meeting?.signaling.send({ type: 'remove', seat }),
        lock: (locked) => meeting?.signaling.send({ type: 'lock', locked }),
      })
    : null;

const where = role === 'host' ? null : new WhereView(room, (said) => service.tell(whereaboutsUrl, said));
const notes = role === 'host' ? new NotesView(room) : null;
const located = role === 'host' ? new LocatedView(room, (client) => service.whereIs(`${whereaboutsUrl}/${client}`)) : null;

function enter() {
  performance.clearMarks();
  performance.mark('room:join');
  preparation.close();
  way.renew();
  meeting = new Meeting({
    view,
    door,
    media,
    safety,
    exchange,
    certificate,
    askTicket: () => ticketFrom(ticketsUrl, csrf),
    openSocket: () => new WebSocket(socketUrl()),
    onLink: (state, connection) => void way.link(state, connection),
    onOver: over,
    hearers: {
      words: (seat, frame, link) => safety.receive(seat, frame, link),
      private: signed,
      chat: (seat, frame, link) => isKnown(seat, link) && exchange.heard(seat, frame),
      files: (seat, frame, link) => isKnown(seat, link) && void exchange.files.receive(seat, frame).catch(reportError),
    },
  });
  meeting.enter();
  void where?.tell();
  void awake.keep();
  void devicesChanged();
  lines.start();
  waking.start();
}

/** @param {import('./sign.js').Kind} kind to therapists alone, by a way that leaves nothing here */
function sign(kind) {
  if (!meeting?.inside) return void meeting?.signal(kind);
  for (const seat of meeting.others.hosts) meeting.ways?.call.say(seat, 'private', kind);
}

/** @param {string} seat @param {import('./channels.js').Frame | null} frame a client's, to this therapist alone */
function signed(seat, frame) {
  const [kind, name] = [kindOf(frame), meeting?.others.nameOf(seat)];
  if (door === null || kind === null || name === undefined) return;
  door.signal(name, kind);
  view.say(kind, name);
}

/** Whoever is not shown anything is not listened to either. @param {string} seat @param {import('./link.js').Link} link */
function isKnown(seat, link) {
  return safety.hears(seat, link.fingerprint) === 'all';
}

/** @param {Reason} reason */
function over(reason) {
  certificate = newCertificate(); // a new one for each call
  void awake.rest();
  safety.renewed();
  meeting = null;
  lines.clear();
  waking.stop();
  preparation.reset();
  located?.clear();
  if (reason === 'ended') where?.forget();
  view.after(reason);
}

/** Camera or microphone are not as they were. @param {Trouble | null} trouble */
async function changed(trouble) {
  view.deviceTrouble(trouble);
  await Promise.all([preparation.shown(), meeting?.mediaChanged(), devicesChanged()]);
}

/** This person did it, perhaps by a key, which says nothing by itself. @param {'microphone' | 'camera'} device @param {Trouble | null} trouble */
async function turned(device, trouble) {
  await changed(trouble);
  if (trouble === null) view.say(`own-${device}-${media.state[device] ? 'on' : 'off'}`);
}

/** What there is beside camera and microphone that are in use. */
async function devicesChanged() {
  const { speaker } = await media.choices();
  view.choices('speaker', Tiles.canChooseSpeaker ? speaker : [], undefined);
  more.flip(await media.canFlip(), media.looksAway);
}

/** In place of the camera, for who is in the call. */
async function showScreen() {
  const screen = await openScreen(navigator.mediaDevices, () => void stopScreen());
  if (screen === 'failed') view.trouble('screen-failed');
  if (typeof screen === 'string') return;
  if (meeting?.inside) media.picture.show(screen);
  else screen.stop(); // the call ended while they chose
  await screenChanged();
}

async function stopScreen() {
  media.picture.show(null);
  await screenChanged();
}

async function screenChanged() {
  const on = media.picture.screen !== null;
  exchange.show(on);
  view.say(on ? 'screen-on' : 'screen-off');
  await changed(null);
}

/** Back in sight: what Safari on iOS paused plays on (twilio-video.js pull request 1046), what it took comes back. */
async function cameBack() {
  if (document.visibilityState !== 'visible') return;
  await awake.again();
  if (!(meeting?.inside ?? false)) return;
  await view.tiles.playAll();
  if (media.lost.size === 0 && !media.microphone?.muted && !media.camera?.muted) return;
  const [trouble = null] = await media.takeBack();
  await changed(trouble);
}

/** @returns {string} */
function socketUrl() {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${socketPath}`;
}

function firstFrame() {
  if (performance.getEntriesByName('room:first-frame').length === 0) performance.mark('room:first-frame');
}

/** The page goes, or somebody must not see it: nothing is heard or seen from this moment on. */
function stopAll() {
  if (meeting) meeting.leave();
  else {
    preparation.reset();
    view.before('asking');
  }
}

document.querySelector('[data-unloaded]')?.remove();
if (door === null) listenForSign(new Touches(browserClock, sign));
addEventListener('leave-quickly', stopAll);
addEventListener('pagehide', stopAll);
addEventListener('session-over', stopAll);
// A call goes on without the server, and whoever is in it is here.
addEventListener('session-unknown', (event) => meeting?.inside && event.preventDefault());
document.addEventListener('visibilitychange', () => void cameBack());
addEventListener('online', () => meeting?.networkChanged());
navigator.mediaDevices?.addEventListener('devicechange', () => void Promise.all([preparation.shown(), devicesChanged()]));
