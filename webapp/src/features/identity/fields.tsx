/** The fields that several identity forms share, with their rules. */
import type { ComponentProps } from 'react';
import * as z from 'zod/mini';
import { TextField } from '@/design/Field';
import { PASSWORD_MIN_LENGTH } from './model';

export const emailRule = z.email('Enter an email address, such as ada@example.org.');
export const newPasswordRule = z
  .string()
  .check(z.minLength(PASSWORD_MIN_LENGTH, `Use at least ${PASSWORD_MIN_LENGTH} characters.`));

type FieldProps = Omit<ComponentProps<typeof TextField>, 'label' | 'type' | 'autoComplete'>;

export const EmailField = (props: FieldProps) => (
  <TextField label="Email" type="email" autoComplete="username" {...props} />
);

export function NewPasswordField({ label, ...props }: FieldProps & { label: string }) {
  return (
    <TextField
      label={label}
      type="password"
      autoComplete="new-password"
      hint={`At least ${PASSWORD_MIN_LENGTH} characters. You can paste it from a password manager.`}
      {...props}
    />
  );
}
