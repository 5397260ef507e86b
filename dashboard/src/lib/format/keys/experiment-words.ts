/** How the names of measures read on screen: by the way to them, in spaces. What is not here is put in words by rule. */
export const MEASURE_WORDS: Readonly<Record<string, string>> = {
  tls13: 'TLS 1.3',
  tls12: 'TLS 1.2',
  oneConnection: 'Kept alive',
  connectionEach: 'A connection each',
  setsOfSecrets: 'Sets of secrets',
  secondCallMilliseconds: 'Time of the second call, told by the victim',
  suite: 'Cipher suite',
  'handshakeBytes client': 'Handshake, from the victim',
  'handshakeBytes server': 'Handshake, from the site',
  handshakeMilliseconds: 'Time of the handshake, told by the victim',
  millisecondsSaved: 'Time saved',
  bytes: 'All bytes',
  'messages client': 'Handshake messages of the victim',
  'messages server': 'Handshake messages of the site',
  certificate: 'Certificate on the wire',
  'certificate bytes': 'Certificate on the wire',
  'certificate crossed': 'The certificate crossed',
  keyLogLines: 'Lines in the key log',
  'records sealed': 'Sealed records',
  'records opened': 'Opened with the key log',
  resumed: 'Resumed, told by the victim',
  victimKnowsCertificate: 'Certificate in the victim’s hands, told by it',
  serverBytesSaved: 'Bytes saved by the site',
  keyBlock: 'Traffic keys (key block)',
  'victim socketIsOpen': 'Victim: the socket is open',
  'victim idleInPool': 'Victim: idle in its pool',
  'victim exporter': 'Victim: asked for exported keys (RFC 5705)',
  'victim finished': 'Victim: asked for its Finished',
  'site connectionIsOpen': 'Site: the connection is open',
  ticketBytes: 'Kept to resume with: ticket, secret, certificate',
  'held ticketBytes': 'Kept by the victim to resume with: ticket, secret, certificate',
  'held ticketWorks': 'The ticket still resumes',
  'held loginHolds': 'The login still holds',
  'ending by': 'Ended by',
  'ending how': 'How it ended',
  'ending victimSaw': 'Error that the victim saw',
  'closeNotify victim': 'close_notify from the victim',
  'closeNotify site': 'close_notify from the site',
  'keyLog lines': 'Lines in the key log',
  'keyLog records': 'Sealed records that were captured',
  'keyLog opened': 'Opened with the key log',
  'keyLog openedWithoutIt': 'Opened without it',
};

/** Values that are put in the cast's words, by the name of their measure. */
export const VALUE_WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'ending by': { client: 'the victim', server: 'the site', relay: 'the stranger' },
  'ending how': { end: 'closed in order', reset: 'cut by a reset', error: 'broken off by an error' },
};

/** Labels of the key log (RFC 9850, 2) that do not say what the secret is. */
export const LABEL_WORDS: Readonly<Record<string, string>> = {
  CLIENT_RANDOM: 'master secret (CLIENT_RANDOM in the key log)',
};
