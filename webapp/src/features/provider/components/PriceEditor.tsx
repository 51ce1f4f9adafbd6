import { useMutation, useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useId, useState } from 'react';
import { Button } from '@/design/Button';
import { TextField } from '@/design/Field';
import { Section } from '@/design/Page';
import { PositionBar } from '@/design/PositionBar';
import { Segmented } from '@/design/Segmented';
import { ErrorNote, Notice } from '@/design/states';
import { announce } from '@/lib/announce';
import { useAppearance, useConnection } from '@/lib/hooks';
import { parseRate } from '@/lib/money';
import { asProblem } from '@/lib/problem';
import { formatDateTime, serverNow } from '@/lib/time';
import { toWallTime } from '@/lib/wall-time';
import type { Host, MarketItem, PriceBook } from '@/types/domain';
import { marketQuery, publishPricesMutation } from '../api';
import { comparePrice, comparisonText, marketFor, marketText } from '../market';
import { type PriceErrors, type PriceForm, placeRefusals, priceForm, readPrices, UNITS } from '../prices';

const DAY_MS = 86_400_000;

interface RateFieldProps {
  label: string;
  value: string;
  others: MarketItem | undefined;
  hint?: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

/** One price, with what others ask beside it, as far as the server has told. */
function RateField({ label, value, others, hint, error, onChange }: RateFieldProps) {
  const rate = parseRate(value);
  const market = others && others.hosts > 1 ? others : undefined;
  const comparison = market && rate !== null ? comparePrice(label, rate, market) : undefined;
  return (
    <div className="grid min-w-0 gap-1">
      <TextField
        label={`${label}, $/hr`}
        inputMode="decimal"
        autoComplete="off"
        value={value}
        error={error}
        hint={
          <>
            {market && marketText({ market })}
            {comparison && `; yours is ${comparisonText(comparison)}`}
            {!market && (hint ?? 'no other offers')}
          </>
        }
        onChange={(event) => onChange(event.target.value)}
      />
      {comparison && (
        <PositionBar
          share={comparison.share}
          middle={comparison.middle}
          label={`${label}: ${comparisonText(comparison)}`}
        />
      )}
    </div>
  );
}

interface PartProps {
  form: PriceForm;
  errors: PriceErrors;
  set: (change: Partial<PriceForm>) => void;
}

function Bonus({ form, errors, set }: PartProps) {
  const id = useId();
  const edit = (row: number, change: Partial<PriceForm['bonus'][number]>) =>
    set({ bonus: form.bonus.map((one, index) => (index === row ? { ...one, ...change } : one)) });
  return (
    <fieldset className="grid content-start gap-2">
      <legend className="mb-1 text-xs font-medium text-ink-2">Network bonus</legend>
      <p className="text-xs text-ink-3">
        Extra pay for faster links: the highest threshold that the link reaches applies.
      </p>
      {form.bonus.map((one, row) => (
        <div key={`${id}-${row}`} className="grid gap-1">
          <div className="flex items-end gap-2">
            <TextField
              label={`From, Mbps (row ${row + 1})`}
              inputMode="numeric"
              value={one.fromMbps}
              className="min-w-0 flex-1"
              onChange={(event) => edit(row, { fromMbps: event.target.value })}
            />
            <TextField
              label={`Bonus, % (row ${row + 1})`}
              inputMode="decimal"
              value={one.percent}
              className="min-w-0 flex-1"
              onChange={(event) => edit(row, { percent: event.target.value })}
            />
            <Button
              tone="ghost"
              size="icon"
              className="mb-0.5"
              aria-label={`Remove row ${row + 1} of the bonus`}
              onClick={() => set({ bonus: form.bonus.filter((_, index) => index !== row) })}
            >
              <X aria-hidden size={14} />
            </Button>
          </div>
          {errors[`bonus ${row}`] && (
            <p role="alert" className="text-xs text-bad">
              {errors[`bonus ${row}`]}
            </p>
          )}
        </div>
      ))}
      <Button
        size="sm"
        className="justify-self-start"
        onClick={() => set({ bonus: [...form.bonus, { fromMbps: '', percent: '' }] })}
      >
        <Plus aria-hidden size={12} />
        Add a row
      </Button>
    </fieldset>
  );
}

function When({ form, errors, set }: PartProps) {
  const { timezone } = useAppearance();
  return (
    <div className="grid content-start gap-2">
      <span aria-hidden className="text-xs font-medium text-ink-2">
        In effect
      </span>
      <div>
        <Segmented
          label="In effect"
          value={form.effectiveAt ? 'later' : 'now'}
          options={[
            { value: 'now', label: 'Now' },
            { value: 'later', label: 'Later' },
          ]}
          onChange={(when) => set({ effectiveAt: when === 'now' ? '' : toWallTime(serverNow() + DAY_MS) })}
        />
      </div>
      {form.effectiveAt && (
        <TextField
          label={`From, in ${timezone}`}
          type="datetime-local"
          value={form.effectiveAt}
          error={errors.effective_at}
          // An emptied field keeps the choice of a date, and is told to be none.
          onChange={(event) => set({ effectiveAt: event.target.value || ' ' })}
        />
      )}
      <p className="text-xs text-ink-3">
        Existing rentals keep their rate; quotes stay valid until they expire.
      </p>
    </div>
  );
}

function Rates({ form, errors, set }: PartProps) {
  const market = useQuery(marketQuery);
  const items = market.data?.items ?? [];
  return (
    <div className="grid gap-3">
      {market.error && (
        <ErrorNote
          what="Market prices could not be loaded. You can still publish."
          error={market.error}
          onRetry={() => void market.refetch()}
        />
      )}
      <div className="grid items-start gap-x-6 gap-y-4 sm:grid-cols-2 xl:grid-cols-4">
        {UNITS.map(({ field, item, label }) => (
          <RateField
            key={field}
            label={label}
            value={form.units[field]}
            others={marketFor(items, item)}
            error={errors[field]}
            onChange={(value) => set({ units: { ...form.units, [field]: value } })}
          />
        ))}
        {form.gpus.map(({ model, rate }, row) => (
          <RateField
            key={model}
            label={model}
            value={rate}
            others={marketFor(items, 'gpu', model)}
            hint="leave empty to not offer it"
            error={errors[`gpu ${model}`]}
            onChange={(value) =>
              set({
                gpus: form.gpus.map((gpu, index) => (index === row ? { ...gpu, rate: value } : gpu)),
              })
            }
          />
        ))}
      </div>
    </div>
  );
}

interface Draft {
  form: PriceForm;
  /** The version that the form began from. */
  from: number;
}

/** The form follows the current version until something is typed; from then on it keeps what was typed. */
export default function PriceEditor({ host, current }: { host: Host; current: PriceBook }) {
  const publish = useMutation(publishPricesMutation);
  const offline = useConnection() === 'offline';
  const [draft, setDraft] = useState<Draft | null>(null);
  const [wrong, setWrong] = useState<PriceErrors>({});
  const form = draft?.form ?? priceForm(current, host.devices);
  const errors = { ...(publish.error ? placeRefusals(asProblem(publish.error), form) : {}), ...wrong };
  const set = (change: Partial<PriceForm>) => {
    setWrong({});
    setDraft({ form: { ...form, ...change }, from: draft?.from ?? current.version });
  };
  const submit = () => {
    const read = readPrices(form, serverNow());
    if ('errors' in read) return setWrong(read.errors);
    publish.mutate(
      { hostId: host.id, prices: read.body },
      {
        onSuccess: ({ version, state }) => {
          // What was typed while it was on its way is not thrown away.
          setDraft((now) => {
            if (now === draft) return null;
            return now && { ...now, from: state === 'current' ? version : now.from };
          });
          announce(`Price version ${version} was published`);
        },
      },
    );
  };
  const part = { form, errors, set };
  return (
    <Section
      title="Prices"
      aside={
        <span className="text-xs text-ink-3">
          version {current.version}, in effect since {formatDateTime(current.effective_at)}
        </span>
      }
    >
      <form
        aria-label="Prices"
        className="grid gap-5"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {draft && draft.from !== current.version && (
          <Notice tone="warn">
            Version {current.version} took effect in the meantime. Your input is kept; publishing it replaces
            that version.
          </Notice>
        )}
        {publish.error && <ErrorNote what="The prices were not published." error={publish.error} />}
        <Rates {...part} />
        <div className="grid gap-x-6 gap-y-4 border-t pt-4 sm:grid-cols-2">
          <Bonus {...part} />
          <When {...part} />
        </div>
        <div className="flex flex-wrap gap-2 border-t pt-3">
          <Button type="submit" tone="primary" busy={publish.isPending} disabled={!draft || offline}>
            Publish
          </Button>
          {draft && (
            <Button
              onClick={() => {
                setDraft(null);
                setWrong({});
                publish.reset();
              }}
            >
              Discard changes
            </Button>
          )}
        </div>
      </form>
    </Section>
  );
}
