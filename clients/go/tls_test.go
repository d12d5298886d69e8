package gateway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
)

// authority signs certificates, and has its files in a folder.
type authority struct {
	folder      string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func (a *authority) file(name string) string { return filepath.Join(a.folder, name) }

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{folder: t.TempDir()}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotAfter: time.Now().Add(time.Hour),
	}
	a.certificate, a.key = template, nil
	a.certificate, a.key = a.sign(t, "ca", template)
	return a
}

// sign writes NAME.pem and NAME-key.pem. Without a key of its own, it signs with the new one.
func (a *authority) sign(t *testing.T, name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer := a.key
	if signer == nil {
		signer = key
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		name + ".pem":     {Type: "CERTIFICATE", Bytes: signed},
		name + "-key.pem": {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(a.file(file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	certificate, err := x509.ParseCertificate(signed)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

func TestGatewayIsCalledOverTLS(t *testing.T) {
	authority := newAuthority(t)
	authority.sign(t, "server", &x509.Certificate{
		SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	authority.sign(t, "client", &x509.Certificate{
		SerialNumber: big.NewInt(3), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	pair, err := tls.LoadX509KeyPair(authority.file("server.pem"), authority.file("server-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(authority.certificate)
	server := answering().start(t, grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: trusted, ClientAuth: tls.RequireAndVerifyClientCert,
	})))
	address := "https://" + server.address
	ca := gateway.WithCAFile(authority.file("ca.pem"))
	shown := gateway.WithClientCertificate(authority.file("client.pem"), authority.file("client-key.pem"))

	both := connect(t, address, ca, shown)
	nobody := connect(t, address, ca)
	anyone := connect(t, address, shown)

	if answer, err := both.Invoke(t.Context(), gateway.Prompt("Hi")); err != nil || answer.GetText() != "ready" {
		t.Errorf("with both: %v, %v", answer, err)
	}
	if _, err := nobody.Invoke(t.Context(), gateway.Prompt("Hi")); status.Code(err) != codes.Unavailable {
		t.Errorf("without a client certificate: %v", err)
	}
	if _, err := anyone.Invoke(t.Context(), gateway.Prompt("Hi")); status.Code(err) != codes.Unavailable {
		t.Errorf("with the roots of the system: %v", err)
	}
}
