import { expect, test } from 'vitest';
import { makeOffer } from '@/test/factories';
import { factsLine, factsOf } from './facts';

const { network } = makeOffer();

test('a guest that is shut off from the network is told as such', () => {
  expect(factsLine(makeOffer())).toBe('no internet · SSH only · no GPU · no KVM, slow');
  expect(factsOf(makeOffer()).map(({ text }) => text)).toEqual([
    'The VM has no internet access; downloads from inside it fail.',
    'Only the SSH port is reachable. Copy files over SSH.',
    'No GPU.',
    'The CPU is emulated (no KVM) and many times slower than the hardware.',
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
    'No GPU: the GPUs of this host are not available to VMs.',
  );
  expect(factsLine(makeOffer({ accelerator: null }))).toMatch(/no VMs$/);
});
