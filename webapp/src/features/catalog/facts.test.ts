import { expect, test } from 'vitest';
import { makeOffer } from '@/test/factories';
import { factsLine, factsOf } from './facts';

const { network } = makeOffer();

test('a guest that is shut off from the network is told as such', () => {
  expect(factsLine(makeOffer())).toBe('no internet · SSH only · no GPU · no KVM, slow');
  expect(factsOf(makeOffer()).map(({ text }) => text)).toEqual([
    'The VM cannot reach the internet: nothing can be downloaded from inside.',
    'It is reached by SSH on one port; no other port is open. Copy files over SSH.',
    'It gets no GPU.',
    'Its processor is emulated (no KVM): many times slower than the hardware.',
  ]);
});

test('what a host has is told too', () => {
  const offer = makeOffer({
    network: { ...network, egress: true },
    accelerator: 'kvm',
    gpus: [{ model: 'RTX 4090', vram_mib: 24_576 }],
  });
  expect(factsLine(offer)).toBe('internet · SSH only · no GPU · KVM');
  expect(factsOf(offer).map(({ text }) => text)).toContain(
    'It gets no GPU: the GPUs of this host are not for VMs.',
  );
  expect(factsLine(makeOffer({ accelerator: null }))).toMatch(/no VMs$/);
});
