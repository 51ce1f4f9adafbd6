export {
  ADMIN_PAGES,
  adminAuditRoute,
  adminInstallRoute,
  adminProviderRoute,
  adminProvidersRoute,
  adminRisksRoute,
  adminRoute,
} from './routes';
