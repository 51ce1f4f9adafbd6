/** What an owner sets of a machine, as a form holds it. */
import type { Host, HostChange } from '@/types/domain';

export interface SettingsForm {
  name: string;
  region: string;
  /** One "key=value" a line. */
  labels: string;
  volume: boolean;
  globalNetworking: boolean;
}

export type SettingsErrors = Partial<Record<'name' | 'region' | 'labels', string>>;

const NAME = /^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?$/;
const REGION = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;
const LABEL_KEY = /^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/;
const MAX_LABELS = 20;

export const settingsForm = (host: Pick<Host, 'name' | 'region' | 'labels' | 'network'>): SettingsForm => ({
  name: host.name,
  region: host.region,
  labels: Object.entries(host.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n'),
  volume: host.network.volume,
  globalNetworking: host.network.global_networking,
});

function readLabels(text: string): Record<string, string> | string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const labels: Record<string, string> = {};
  for (const line of lines) {
    const [key = '', ...rest] = line.split('=');
    if (!LABEL_KEY.test(key.trim())) return `“${line}” is not key=value with a key such as rack or site/row.`;
    if (key.trim() in labels) return `“${key.trim()}” is listed twice.`;
    labels[key.trim()] = rest.join('=').trim();
  }
  return lines.length > MAX_LABELS ? `At most ${MAX_LABELS} labels.` : labels;
}

/** Only what differs from the machine; nothing when nothing does. */
export function readSettings(
  form: SettingsForm,
  host: Parameters<typeof settingsForm>[0],
): { change: HostChange } | { errors: SettingsErrors } {
  const was = settingsForm(host);
  const errors: SettingsErrors = {};
  const change: HostChange = {};
  if (form.name.trim() !== was.name) {
    change.name = form.name.trim();
    if (!NAME.test(change.name)) errors.name = 'Letters, digits, dots and hyphens, at most 64.';
  }
  if (form.region.trim() !== was.region) {
    change.region = form.region.trim();
    if (!REGION.test(change.region))
      errors.region = 'Lowercase letters, digits and hyphens, such as eu-central.';
  }
  if (form.labels.trim() !== was.labels) {
    const labels = readLabels(form.labels);
    if (typeof labels === 'string') errors.labels = labels;
    else change.labels = labels;
  }
  const volume = form.volume !== was.volume;
  const global = form.globalNetworking !== was.globalNetworking;
  if (volume || global) {
    change.network = {
      ...(volume ? { volume: form.volume } : {}),
      ...(global ? { global_networking: form.globalNetworking } : {}),
    };
  }
  return Object.keys(errors).length ? { errors } : { change };
}
