/**
 * Somebody in between two pages: one connection to each, with descriptions and certificates of its own. Sound and
 * picture are passed on; safety words are compared with each of the two as if with the other. That they differ is kept back.
 * `deliver(to, message)` hands a message to the page of that seat, as if the server had relayed it.
 */
window.sitBetween = async ({ a, b, modules, appointment, call, policy }) => {
  const { Words } = await import(`${modules}/words.js`);
  const { contextOf, bytesOf } = await import(`${modules}/sas.js`);
  const { fingerprintOf } = await import(`${modules}/link.js`);
  const { CHANNELS } = await import(`${modules}/channels.js`);
  const shown = {};

  /** Towards `seat`, in the place of `other`. */
  const sideOf = (seat, other) => {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require', ...policy });
    const side = { seat, other, connection, remote: [] };
    connection.onicecandidate = ({ candidate }) =>
      candidate && window.deliver(seat, { type: 'candidates', from: other, body: [candidate.toJSON()] });
    const open = () => {
      side.channels = Object.fromEntries(
        Object.entries(CHANNELS).map(([name, { id }]) => [name, connection.createDataChannel(name, { negotiated: true, id })]),
      );
    };
    const context = async () => {
      const [mine, theirs] = [connection.localDescription, connection.remoteDescription].map(({ sdp }) => bytesOf(fingerprintOf(sdp)));
      const [idI, idR, fpI, fpR] = other < seat ? [other, seat, mine, theirs] : [seat, other, theirs, mine];
      return contextOf({ appointment: bytesOf(appointment), call: bytesOf(call), idI: bytesOf(idI), idR: bytesOf(idR), fpI, fpR });
    };
    side.words = new Words({
      initiator: other < seat,
      context,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      clock: { after: () => () => {} },
      send: (frame) => (side.channels.words.send(frame), true),
      onStep: (step) => {
        shown[seat] = step;
        if (step.at === 'asking') sides[other].words.start();
      },
      onVerified: () => {},
      onFault: (error) => console.error(error),
    });
    const listen = () => (side.channels.words.onmessage = ({ data }) => side.words.receive(data));
    return Object.assign(side, { open: () => (open(), listen()) });
  };

  const sides = { [a]: sideOf(a, b), [b]: sideOf(b, a) };
  for (const side of Object.values(sides)) {
    side.connection.ontrack = ({ track }) => {
      const sender = sides[side.other].connection.getTransceivers().find(({ receiver }) => receiver.track.kind === track.kind)?.sender;
      void sender?.replaceTrack(track);
      // Chromium decodes sound from afar only where it is played.
      if (track.kind === 'audio') void Object.assign(new Audio(), { muted: true, srcObject: new MediaStream([track]) }).play();
    };
  }

  /** A message of one page that was meant for the other. */
  const relayed = async (from, message) => {
    const { connection } = sides[from];
    const onward = sides[sides[from].other];
    if (message.type === 'candidates') {
      for (const candidate of message.body) await connection.addIceCandidate(candidate);
    } else if (message.type === 'answer') {
      await connection.setRemoteDescription({ type: 'answer', sdp: message.body.sdp });
    } else {
      onward.connection.addTransceiver('audio');
      onward.connection.addTransceiver('video');
      onward.open();
      await onward.connection.setLocalDescription();
      window.deliver(onward.seat, { type: 'offer', from, body: { sdp: onward.connection.localDescription.sdp } });
      await connection.setRemoteDescription({ type: 'offer', sdp: message.body.sdp });
      sides[from].open();
      for (const transceiver of connection.getTransceivers()) transceiver.direction = 'sendrecv';
      await connection.setLocalDescription();
      window.deliver(from, { type: 'answer', from: onward.seat, body: { sdp: connection.localDescription.sdp } });
    }
  };
  let turn = Promise.resolve();
  window.relayed = (from, message) => (turn = turn.then(() => relayed(from, message)));
  window.shown = shown;
};
