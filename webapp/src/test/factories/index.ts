export * from './account';
export * from './admin';
export * from './billing';
export * from './clock';
export * from './hosts';
export * from './problems';
export * from './vms';
