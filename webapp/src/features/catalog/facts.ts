/** What a VM on a host gets and does not get, told before anybody pays for it. */
import type { Offer } from '@/types/domain';

export interface Fact {
  /** For a row of the catalog. */
  short: string;
  /** A sentence, beside the button that orders. */
  text: string;
  /** It keeps people from what they may take for granted. */
  limits: boolean;
}

type Known = Pick<Offer, 'network' | 'accelerator' | 'gpus'>;

const VIRTUALISATION: Record<NonNullable<Offer['accelerator']>, Fact> = {
  kvm: { short: 'KVM', text: 'Runs with hardware virtualisation (KVM).', limits: false },
  tcg: {
    short: 'no KVM, slow',
    text: 'The CPU is emulated (no KVM) and many times slower than the hardware.',
    limits: true,
  },
};

const NO_VMS: Fact = { short: 'no VMs', text: 'This host cannot run VMs.', limits: true };

export function factsOf({ network, accelerator, gpus }: Known): Fact[] {
  return [
    network.egress
      ? { short: 'internet', text: 'The VM has internet access.', limits: false }
      : {
          short: 'no internet',
          text: 'The VM has no internet access; downloads from inside it fail.',
          limits: true,
        },
    {
      short: 'SSH only',
      text: 'Only the SSH port is reachable. Copy files over SSH.',
      limits: true,
    },
    {
      short: 'no GPU',
      text: gpus.length > 0 ? 'No GPU: the GPUs of this host are not available to VMs.' : 'No GPU.',
      limits: true,
    },
    accelerator ? VIRTUALISATION[accelerator] : NO_VMS,
  ];
}

/** "no internet · SSH only · no GPU · KVM". */
export const factsLine = (offer: Known): string =>
  factsOf(offer)
    .map(({ short }) => short)
    .join(' · ');
