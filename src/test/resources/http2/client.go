// Asks a server over HTTP/2 with Go's own client: client URL TRUSTED COUNT AT_ONCE. Prints how many answers of which kind came, and the errors.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
)

func main() {
	count, _ := strconv.Atoi(os.Args[3])
	atOnce, _ := strconv.Atoi(os.Args[4])
	pem, err := os.ReadFile(os.Args[2])
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}}
	var lock sync.Mutex
	answers := map[string]int{}
	work := make(chan int)
	var workers sync.WaitGroup
	for i := 0; i < atOnce; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for range work {
				said := ask(client, os.Args[1])
				lock.Lock()
				answers[said]++
				lock.Unlock()
			}
		}()
	}
	for i := 0; i < count; i++ {
		work <- i
	}
	close(work)
	workers.Wait()
	for said, times := range answers {
		fmt.Println(times, said)
	}
}

func ask(client http.Client, url string) string {
	answer, err := client.Get(url)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(answer.Proto, " ", answer.StatusCode, " ", len(body))
}
