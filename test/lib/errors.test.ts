import { describe, expect, it } from 'vitest';
import { codeOf, messageOf, RetryableError, UserError } from '../../src/lib/errors.ts';

describe('UserError', () => {
  it('says what is wrong, what to do, and what it came from', () => {
    const cause = new Error('ENOENT');
    const error = new UserError('walk.mp4 does not exist', { hint: 'check the path', cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'UserError', message: 'walk.mp4 does not exist', hint: 'check the path', cause });
  });
});

describe('RetryableError', () => {
  it('may know a cure', () => {
    expect(new RetryableError('camera lost').hint).toBeUndefined();
    expect(new RetryableError('camera lost', { hint: 'check the cable' })).toMatchObject({
      name: 'RetryableError',
      hint: 'check the cable',
    });
  });

  it('is no error of the user', () => {
    expect(new RetryableError('camera lost')).not.toBeInstanceOf(UserError);
  });
});

describe('messageOf', () => {
  it.each([
    [new Error('broken'), 'broken'],
    ['just text', 'just text'],
    [undefined, 'undefined'],
    [404, '404'],
  ])('of %s is "%s"', (thrown, message) => {
    expect(messageOf(thrown)).toBe(message);
  });
});

describe('codeOf', () => {
  it.each([
    [Object.assign(new Error('no such file'), { code: 'ENOENT' }), 'ENOENT'],
    [Object.assign(new Error('numbered'), { code: 7 }), undefined],
    [new Error('plain'), undefined],
    [{ code: 'ENOENT' }, undefined],
    [undefined, undefined],
  ])('of %o is %s', (thrown, code) => {
    expect(codeOf(thrown)).toBe(code);
  });
});
