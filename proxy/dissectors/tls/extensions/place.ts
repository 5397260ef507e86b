/**
 * Where a list of extensions stands; the same type is laid out differently in each (RFC 8446, 4.2). `encrypted`:
 * in EncryptedExtensions; `certificate`: in an entry of TLS 1.3's Certificate; `request`: in its CertificateRequest;
 * `ticket`: in its NewSessionTicket.
 */
export type ExtensionPlace =
  'client' | 'server' | 'retry' | 'encrypted' | 'certificate' | 'request' | 'ticket';
