export function Logo() {
  return (
    <span className="flex items-center gap-2">
      <svg aria-hidden="true" width="20" height="20" viewBox="0 0 20 20">
        <path d="M2 3h16v3.5H2zM2 8.25h10v3.5H2zM2 13.5h16V17H2z" fill="currentColor" />
        <path d="M14 8.25h4v3.5h-4z" fill="currentColor" opacity=".45" />
      </svg>
      <span className="text-base font-semibold">ShareMTC</span>
    </span>
  );
}
