import { context, type DerReader, NULL, OBJECT_IDENTIFIER, SEQUENCE } from './der.ts';
import { objectName } from './object-identifiers.ts';
import { readInteger, readObjectIdentifier } from './values.ts';

export interface Algorithm {
  readonly identifier: string;
  readonly name: string;
  /** The named curve of an elliptic-curve key. */
  readonly curve?: string;
}

/** An AlgorithmIdentifier (RFC 5280, 4.1.1.2) as one block. */
export function readAlgorithm(der: DerReader, name: string, label: string): Algorithm {
  let algorithm: Algorithm = { identifier: '', name: 'unknown' };
  der.structure(SEQUENCE, name, label, () => {
    const identifier = readObjectIdentifier(der, 'x509af.algorithm.id', 'Algorithm');
    algorithm = { identifier, name: objectName(identifier) ?? identifier };
    der.reader.describe({ value: algorithm.name });
    const curve = readParameters(der, algorithm.name);
    if (curve === undefined) return;
    algorithm = { ...algorithm, curve };
    der.reader.describe({ value: algorithm.name, meaning: curve });
  });
  return algorithm;
}

function readParameters(der: DerReader, algorithm: string): string | undefined {
  if (der.remaining === 0) return undefined;
  // RSA's parameters are a NULL for historical reasons (RFC 4055, 1.2).
  if (der.isNext(NULL)) der.header(NULL);
  else if (algorithm === 'ecPublicKey' && der.isNext(OBJECT_IDENTIFIER)) {
    const curve = readObjectIdentifier(der, 'pkcs1.namedCurve', 'Curve');
    return objectName(curve) ?? curve;
  } else if (algorithm === 'RSASSA-PSS') readPssParameters(der);
  else if (algorithm === 'mgf1') readAlgorithm(der, 'pkcs1.HashAlgorithm_element', 'Hash');
  else der.anything('plainsight.x509.algorithm_parameters', 'Parameters');
  return undefined;
}

/** RFC 4055, 3.1 */
function readPssParameters(der: DerReader): void {
  der.structure(SEQUENCE, 'pkcs1.RSASSA_PSS_params_element', 'Parameters', () => {
    option(der, 0, 'Hash', () => readAlgorithm(der, 'pkcs1.hashAlgorithm_element', 'Hash'));
    option(der, 1, 'Mask', () => readAlgorithm(der, 'pkcs1.maskGenAlgorithm_element', 'Mask generation'));
    option(der, 2, 'Salt', () => readInteger(der, 'pkcs1.saltLength', 'Salt length'));
    option(der, 3, 'Trailer', () => readInteger(der, 'pkcs1.trailerField', 'Trailer'));
  });
}

function option(der: DerReader, number: number, label: string, body: () => void): void {
  const tag = context(number, true);
  if (der.isNext(tag)) der.structure(tag, 'plainsight.der.tagged', label, body);
}
