//go:build tools

// Package tools pins the Pulumi CLI that kvshift builds when no installation is found.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
