import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from 'react';

const ROW_PX = 36;
const OVERSCAN = 12;

interface VirtualRowsProps {
  count: number;
  span: number;
  /** Takes what brings a row that is not drawn into view. */
  reveal: RefObject<(index: number) => void>;
  children: (index: number, measure: (row: HTMLTableRowElement | null) => void) => ReactNode;
}

function Spacer({ height, span }: { height: number; span: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden style={{ height }} className="max-md:block">
      <td colSpan={span} className="p-0" />
    </tr>
  );
}

/** Of many rows only those near the window. Import it lazily: short tables do not need it. */
export default function VirtualRows({ count, span, reveal, children }: VirtualRowsProps) {
  const mark = useRef<HTMLTableRowElement>(null);
  const [above, setAbove] = useState(0);
  useLayoutEffect(() => {
    const top = mark.current?.getBoundingClientRect().top ?? 0;
    setAbove(top + window.scrollY);
  }, []);
  const virtualizer = useWindowVirtualizer({
    count,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    scrollMargin: above,
  });
  reveal.current = (index) => virtualizer.scrollToIndex(index);
  const items = virtualizer.getVirtualItems();
  const [first, last] = [items[0], items.at(-1)];
  return (
    <>
      <tr ref={mark} aria-hidden className="max-md:block" />
      <Spacer height={first ? first.start - above : 0} span={span} />
      {items.map(({ index }) => children(index, virtualizer.measureElement))}
      <Spacer height={last ? virtualizer.getTotalSize() - (last.end - above) : 0} span={span} />
    </>
  );
}
