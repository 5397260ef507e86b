import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { Resolver } from 'node:dns/promises';
import type { VictimClient } from './request.ts';

/** Asks the resolver on this loopback port in clear, over UDP. Rejects with the codes of `node:dns`. */
export async function lookUpInClear(host: string, resolverPort: number): Promise<string> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([`127.0.0.1:${resolverPort}`]);
  const [address] = await resolver.resolve4(host);
  if (address === undefined) throw lookUpError('ENODATA', host);
  return address;
}

/** The same question over HTTPS (DoH, RFC 8484) on a connection to the resolver, with the same codes. */
export async function lookUpOverHttps(host: string, client: VictimClient): Promise<string> {
  // Id 0, so that equal questions are equal requests to whoever caches them (RFC 8484, 4.1).
  const query = encode({
    type: 'query',
    id: 0,
    flags: RECURSION_DESIRED,
    questions: [{ type: 'A', name: host }],
  });
  const media = 'application/dns-message';
  const answer = await client.send('POST', '/dns-query', { 'Content-Type': media, Accept: media }, query);
  if (answer.status !== 200) throw lookUpError('ESERVFAIL', host);
  const { answers = [], rcode } = decodeAnswer(answer.bytes, host);
  const [address] = answers.flatMap((record) => (record.type === 'A' ? [record.data] : []));
  if (address === undefined) throw lookUpError(rcode === 'NXDOMAIN' ? 'ENOTFOUND' : 'ENODATA', host);
  return address;
}

// The library's types leave the response code out.
function decodeAnswer(bytes: Buffer, host: string): ReturnType<typeof decode> & { rcode?: string } {
  try {
    return decode(bytes);
  } catch {
    throw lookUpError('EBADRESP', host);
  }
}

function lookUpError(code: string, host: string): Error {
  return Object.assign(new Error(`queryA ${code} ${host}`), { code });
}
