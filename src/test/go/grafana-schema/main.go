// Ends with 1 and says what is wrong with the dashboard in the named file: fields that are missing, unknown or of another type.
package main

import (
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	plugins.RegisterDefaultPlugins()
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		var read dashboard.Dashboard
		if err = read.UnmarshalJSONStrict(text); err == nil {
			err = read.Validate()
		}
	}
	if err != nil && err.Error() != "" { // the module also gives a list of no errors
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
