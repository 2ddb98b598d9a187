import { useRoute } from 'preact-iso/router'

export default function Token() {
  const { params, query } = useRoute()
  return (
    <div class="view">
      <h1>
        {params.tokenId} of {query.tenant}
      </h1>
    </div>
  )
}
