import { expect, test } from 'vitest';
import { parseCatalogSearch } from './search';

test('a size in the address is whole and above nought, or it is none', () => {
  expect(parseCatalogSearch({ host: 'hst_1', vcpus: 2, memory_mib: 512, disk_gib: 10 })).toEqual({
    host: 'hst_1',
    vcpus: 2,
    memory_mib: 512,
    disk_gib: 10,
  });
  expect(parseCatalogSearch({ vcpus: 0, memory_mib: -1, disk_gib: 1.5 })).toEqual({});
  expect(parseCatalogSearch({ vcpus: '2', memory_mib: Number.NaN, disk_gib: 2 ** 53 })).toEqual({});
});

test('all hosts are shown only when that is asked for', () => {
  expect(parseCatalogSearch({ show: 'all', q: 'atlas', sort: '-price' })).toEqual({
    show: 'all',
    q: 'atlas',
    sort: '-price',
  });
  expect(parseCatalogSearch({ show: 'free' })).toEqual({});
});
