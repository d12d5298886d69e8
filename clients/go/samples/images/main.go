// Program images shows a model a picture and asks what it sees.
package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"log"
	"os"

	gateway "github.com/bedrock-gateway/bedrock-gateway/clients/go"
	"github.com/bedrock-gateway/bedrock-gateway/clients/go/gatewayv1"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	client, err := gateway.Connect(cmp.Or(os.Getenv("GATEWAY_ADDRESS"), "http://127.0.0.1:50051"))
	if err != nil {
		return err
	}
	defer client.Close()

	picture, err := redSquare()
	if err != nil {
		return err
	}
	fmt.Printf("picture: %d bytes of PNG\n", len(picture))

	// Models that cannot read images are passed over. The media type is inferred from the bytes.
	answer, err := client.Invoke(ctx, &gatewayv1.InvokeRequest{
		Messages: []*gatewayv1.Message{gateway.User(gateway.Image(picture), gateway.Text("What color is this square?"))},
	})
	if err != nil {
		return err
	}
	fmt.Printf("answer: %s\n", answer.GetText())
	fmt.Printf("model: %s\n", answer.GetMetadata().GetModel())
	return nil
}

func redSquare() ([]byte, error) {
	square := image.NewRGBA(image.Rect(0, 0, 64, 64))
	draw.Draw(square, square.Bounds(), image.NewUniform(color.RGBA{R: 255, A: 255}), image.Point{}, draw.Src)
	var encoded bytes.Buffer
	err := png.Encode(&encoded, square)
	return encoded.Bytes(), err
}
