//go:build tools

package tools

import _ "github.com/Azure/azure-storage-azcopy/v10"
