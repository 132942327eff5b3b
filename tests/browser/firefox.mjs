// A client in Firefox: opens the room with a session cookie, knocks, and says in one line of JSON what it receives.
import puppeteer from 'puppeteer-core';

const [url, path, sid, executablePath] = process.argv.slice(2);
const SECONDS = 40_000;
const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
};

const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true, extraPrefsFirefox: PREFERENCES });
try {
  await browser.setCookie({ name: 'sid', value: sid, domain: new URL(url).hostname, path: '/', httpOnly: true });
  const page = await browser.newPage();
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  await page.evaluateOnNewDocument(() => {
    window.made = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(...parts) {
        super(...parts);
        window.made.push(this);
      }
    };
  });
  await page.goto(url + path);
  await page.locator('#open-both').setTimeout(SECONDS).click();
  await page.locator('#enter').setTimeout(SECONDS).click();
  const found = await page.evaluate(received, SECONDS);
  console.log(JSON.stringify({ ...found, troubles, agent: await browser.version() }));
} finally {
  await browser.close();
}

/** Waits in the page until pictures are decoded and sound with energy has come. */
async function received(milliseconds) {
  const ends = performance.now() + milliseconds;
  for (;;) {
    const sum = { frames: 0, sound: 0, fingerprints: 0 };
    for (const connection of window.made) {
      if (connection.connectionState !== 'connected') continue;
      for (const report of (await connection.getStats()).values()) {
        if (report.type !== 'inbound-rtp') continue;
        if (report.kind === 'video') sum.frames += report.framesDecoded ?? 0;
        if (report.kind === 'audio') sum.sound += report.totalAudioEnergy ?? 0;
      }
      const transport = connection.getSenders()[0]?.transport;
      sum.fingerprints += transport?.getRemoteCertificates?.().length ?? 0;
    }
    if ((sum.frames > 5 && sum.sound > 0) || performance.now() > ends) return sum;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
