// Package clients points the Azure SDK for Go at a local cloud, by the environment alone.
package clients

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

const (
	group           = "clients"
	workspace       = "Microsoft.MachineLearningServices/workspaces/clients"
	machineLearning = "2025-12-01"
)

// options reads the endpoints from the cloud's metadata, as azcore wants them.
func options(t *testing.T) azcore.ClientOptions {
	t.Helper()
	answer, err := http.Get(os.Getenv("ARM_ENDPOINT") + "/metadata/endpoints?api-version=2022-09-01")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var metadata struct {
		ResourceManager string
		Authentication  struct {
			LoginEndpoint string
			Audiences     []string
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&metadata); err != nil {
		t.Fatal(err)
	}
	return azcore.ClientOptions{Cloud: cloud.Configuration{
		ActiveDirectoryAuthorityHost: metadata.Authentication.LoginEndpoint,
		Services: map[cloud.ServiceName]cloud.ServiceConfiguration{cloud.ResourceManager: {
			Endpoint: strings.TrimSuffix(metadata.ResourceManager, "/"),
			Audience: strings.TrimSuffix(metadata.Authentication.Audiences[0], "/"),
		}},
	}}
}

// registered makes an app registration and answers the variables that local:identity exports.
func registered(t *testing.T, name string) map[string]string {
	t.Helper()
	command := exec.Command("npm", "run", "-s", "local:identity", "--", "create", name, "--role", "Reader")
	command.Dir = "../../.."
	printed, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(printed)), "\n") {
		name, value, _ := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		variables[name] = strings.Trim(value, "'")
	}
	return variables
}

func managedIdentity(t *testing.T) azcore.TokenCredential {
	t.Helper()
	credential, err := azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: options(t)})
	if err != nil {
		t.Fatal(err)
	}
	return credential
}

func resourceID(rest string) string {
	return "/subscriptions/" + os.Getenv("AZURE_SUBSCRIPTION_ID") + "/resourceGroups/" + group + "/providers/" + rest
}

func resources(t *testing.T, credential azcore.TokenCredential) *armresources.Client {
	t.Helper()
	client, err := armresources.NewClient(os.Getenv("AZURE_SUBSCRIPTION_ID"), credential, &arm.ClientOptions{ClientOptions: options(t)})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestWorkspace(t *testing.T) {
	found, err := resources(t, managedIdentity(t)).GetByID(context.Background(), resourceID(workspace), machineLearning, nil)
	if err != nil {
		t.Fatal(err)
	}
	properties := found.Properties.(map[string]any)
	if uri := properties["mlFlowTrackingUri"].(string); !strings.HasPrefix(uri, "azureml://localhost:") {
		t.Errorf("mlFlowTrackingUri is %q", uri)
	}
}

func TestLongRunningOperation(t *testing.T) {
	ctx, client, id := context.Background(), resources(t, managedIdentity(t)), resourceID(workspace+"/computes/from-go")
	poller, err := client.BeginCreateOrUpdateByID(ctx, id, machineLearning, armresources.GenericResource{
		Location: to.Ptr("eastus2"),
		Properties: map[string]any{
			"computeType": "AmlCompute",
			"properties": map[string]any{
				"vmSize":        "STANDARD_NC4AS_T4_V3",
				"scaleSettings": map[string]any{"minNodeCount": 0, "maxNodeCount": 1},
			},
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	made, err := poller.PollUntilDone(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if state := made.Properties.(map[string]any)["provisioningState"]; state != "Succeeded" {
		t.Errorf("provisioningState is %v", state)
	}
	deletion, err := client.BeginDeleteByID(ctx, id, machineLearning, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deletion.PollUntilDone(ctx, nil); err != nil {
		t.Fatal(err)
	}
}

func TestClientSecret(t *testing.T) {
	variables := registered(t, "from-go")
	for _, tenant := range []string{variables["AZURE_TENANT_ID"], os.Getenv("ARM_TENANT_ID")} {
		credential, err := azidentity.NewClientSecretCredential(tenant, variables["AZURE_CLIENT_ID"], variables["AZURE_CLIENT_SECRET"],
			&azidentity.ClientSecretCredentialOptions{
				ClientOptions: options(t),
				// Of a tenant named adfs it is disabled anyway.
				DisableInstanceDiscovery: true,
			})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := resources(t, credential).GetByID(context.Background(), resourceID(workspace), machineLearning, nil); err != nil {
			t.Errorf("tenant %s: %v", tenant, err)
		}
	}
	wrong, err := azidentity.NewClientSecretCredential("adfs", variables["AZURE_CLIENT_ID"], "wrong", &azidentity.ClientSecretCredentialOptions{ClientOptions: options(t)})
	if err != nil {
		t.Fatal(err)
	}
	scope := policy.TokenRequestOptions{Scopes: []string{os.Getenv("ARM_ENDPOINT") + "/.default"}}
	if _, err := wrong.GetToken(context.Background(), scope); err == nil || !strings.Contains(err.Error(), "AADSTS7000215") {
		t.Errorf("a wrong secret: %v", err)
	}
}

func TestBlobs(t *testing.T) {
	ctx := context.Background()
	account, err := resources(t, managedIdentity(t)).GetByID(ctx, resourceID("Microsoft.Storage/storageAccounts/clientsimages"), "2024-01-01", nil)
	if err != nil {
		t.Fatal(err)
	}
	endpoint := account.Properties.(map[string]any)["primaryEndpoints"].(map[string]any)["blob"].(string)
	client, err := azblob.NewClient(endpoint, managedIdentity(t), &azblob.ClientOptions{ClientOptions: options(t)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.UploadBuffer(ctx, "images", "from-go.txt", []byte("hello"), nil); err != nil {
		t.Fatal(err)
	}
	into := make([]byte, 5)
	if _, err := client.DownloadBuffer(ctx, "images", "from-go.txt", into, nil); err != nil || string(into) != "hello" {
		t.Errorf("downloaded %q, %v", into, err)
	}
}
