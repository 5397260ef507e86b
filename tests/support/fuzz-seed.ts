import fc from 'fast-check';

// A run is the same every time, so that a failure is the doing of the change at hand; the number is of no meaning.
const USUAL_SEED = 20_261_122;

const wanted = process.env['FUZZ_SEED'] ?? '';
const seed = wanted === '' ? USUAL_SEED : Number(wanted);

// fast-check prints the seed of what failed, which run again with FUZZ_SEED=THAT fails again.
if (wanted !== 'random') {
  if (!Number.isInteger(seed)) throw new Error('FUZZ_SEED must be a whole number, or "random".');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}
