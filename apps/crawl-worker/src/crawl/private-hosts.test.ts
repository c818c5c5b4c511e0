import { isPrivateAddress, refusePrivateLiteral } from './private-hosts.ts';

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.255.255',
  '192.168.0.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '255.255.255.255',
  '::1',
  '::',
  'fd00::1',
  'fe80::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
])('%s is private', (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each(['1.1.1.1', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '::ffff:1.1.1.1'])(
  '%s is public',
  (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  },
);

test.each(['http://127.1/', 'http://0x7f000001/', 'http://[::1]:80/', 'http://2130706433/'])(
  '%s is refused in whatever spelling',
  (url) => {
    expect(() => refusePrivateLiteral(new URL(url))).toThrow(
      expect.objectContaining({ code: 'private_address' }),
    );
  },
);
